using Crm.Data;

namespace Crm.Tests.Records;

/// <summary>Encrypts in a way that a test can see through: it would notice what was not encrypted, or twice.</summary>
internal sealed class ReversedSecrets : ISecretProtector
{
    private const string Mark = "sealed:";

    public string Protect(string plain) => Mark + Reversed(plain);

    public string Unprotect(string cipher) => cipher.StartsWith(Mark, StringComparison.Ordinal) ? Reversed(cipher[Mark.Length..]) : throw new System.Security.Cryptography.CryptographicException("Not sealed.");

    private static string Reversed(string text) => string.Concat(text.Reverse());
}
