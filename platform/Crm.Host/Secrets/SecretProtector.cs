using Crm.Data;
using Microsoft.AspNetCore.DataProtection;

namespace Crm.Host.Secrets;

/// <summary>Secrets under the keys of ASP.NET Core Data Protection, which lie beside the database and are rotated by it.</summary>
internal sealed class SecretProtector(IDataProtectionProvider provider) : ISecretProtector
{
    private readonly IDataProtector _protector = provider.CreateProtector("Crm.Fields.Secret");

    public string Protect(string plain) => _protector.Protect(plain);

    public string Unprotect(string cipher) => _protector.Unprotect(cipher);
}
