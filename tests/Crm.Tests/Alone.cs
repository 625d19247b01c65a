using Xunit;

namespace Crm.Tests;

/// <summary>Tests that look at the memory of the whole process, or at the time that it takes: nothing else may run meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
