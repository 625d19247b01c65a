using System.Security.Cryptography;
using System.Text;

namespace Crm.Metadata;

/// <summary>Names for tables and indexes that every database takes as they are.</summary>
public static class Identifier
{
    /// <summary>PostgreSQL cuts longer identifiers, so nothing is named longer.</summary>
    public const int MaxLength = 63;

    /// <summary>SQLite keeps what begins like this for itself; no name of metadata holds the sign that takes the place of its end.</summary>
    private const string Reserved = "sqlite_", Replacement = "sqlite$";

    /// <summary>The name itself, or its beginning with a hash of the whole.</summary>
    public static string Fit(string name) => name.StartsWith(Reserved, StringComparison.Ordinal) ? Fit(Replacement + name[Reserved.Length..]) : name.Length <= MaxLength
        ? name
        : name[..(MaxLength - 9)] + "_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8];
}
