using Crm.Tests.Databases;
using Xunit;

[assembly: AssemblyFixture(typeof(TestDatabases))]

namespace Crm.Tests.Databases;

/// <summary>Leaves nothing behind once all tests have run.</summary>
public sealed class TestDatabases : IAsyncDisposable
{
    public async ValueTask DisposeAsync() => await TestDatabase.ForgetAsync();
}
