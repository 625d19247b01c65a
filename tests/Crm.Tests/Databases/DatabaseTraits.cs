using Xunit.v3;

namespace Crm.Tests.Databases;

/// <summary>Tests that open no database: they run once and not once for each kind of database.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class NoDatabaseAttribute : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Database", "none")];
}

/// <summary>Tests of what only SQLite does, and long ones that would say nothing new on PostgreSQL.</summary>
/// <param name="what">What that is.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class SqliteOnlyAttribute(string what) : Attribute, ITraitAttribute
{
    public string What { get; } = what;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Database", "sqlite")];
}

/// <summary>Tests of what only PostgreSQL does.</summary>
/// <param name="what">What that is.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class PostgresOnlyAttribute(string what) : Attribute, ITraitAttribute
{
    public string What { get; } = what;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Database", "postgres")];
}
