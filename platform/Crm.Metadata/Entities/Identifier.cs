using System.Security.Cryptography;
using System.Text;

namespace Crm.Metadata;

/// <summary>Names for tables and indexes that every database takes as they are.</summary>
public static class Identifier
{
    /// <summary>PostgreSQL cuts longer identifiers, so nothing is named longer.</summary>
    public const int MaxLength = 63;

    /// <summary>The name itself, or its beginning with a hash of the whole.</summary>
    public static string Fit(string name) => name.Length <= MaxLength
        ? name
        : name[..(MaxLength - 9)] + "_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8];
}
