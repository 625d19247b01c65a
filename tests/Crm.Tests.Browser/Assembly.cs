using Crm.Tests.Browser.Harness;
using Xunit;

// One empty server, one of the demo company and one Chromium serve the whole run; journeys take turns, so that a slow machine slows them down and does not fail them.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: AssemblyFixture(typeof(RunningServer))]
[assembly: AssemblyFixture(typeof(Chromium))]
[assembly: AssemblyFixture(typeof(DemoServer))]
