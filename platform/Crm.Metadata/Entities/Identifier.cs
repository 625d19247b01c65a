using System.Security.Cryptography;
using System.Text;

namespace Crm.Metadata;

/// <summary>Names for tables, columns and indexes that every database takes as they are.</summary>
public static class Identifier
{
    /// <summary>PostgreSQL cuts longer identifiers, so nothing is named longer.</summary>
    public const int MaxLength = 63;

    /// <summary>No name of metadata holds it, so it tells one from a name that a database keeps for itself.</summary>
    private const char Mark = '$';

    /// <summary>SQLite takes no table that begins like the first; behind the second PostgreSQL looks for its own tables before any other.</summary>
    private static readonly string[] ReservedBeginnings = ["sqlite_", "pg_"];

    /// <summary>Every table of PostgreSQL has these already.</summary>
    private static readonly HashSet<string> ReservedColumns = new(StringComparer.Ordinal) { "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid" };

    /// <summary>The name of a column, however the field is called.</summary>
    public static string Column(string name) => ReservedColumns.Contains(name) ? name + Mark : name;

    /// <summary>The name itself, or its beginning with a hash of the whole.</summary>
    public static string Fit(string name) => Array.Find(ReservedBeginnings, b => name.StartsWith(b, StringComparison.Ordinal)) is { } beginning
        ? Fit(beginning[..^1] + Mark + name[beginning.Length..])
        : name.Length <= MaxLength
        ? name
        : name[..(MaxLength - 9)] + "_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8];
}
