namespace Crm.Data;

/// <summary>Encrypts what fields of the type secret hold; the process that has the keys provides it.</summary>
public interface ISecretProtector
{
    string Protect(string plain);

    /// <exception cref="System.Security.Cryptography.CryptographicException">The keys with which it was encrypted are gone.</exception>
    string Unprotect(string cipher);
}
