using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Crm.Tests;

/// <summary>
/// The other half of Bunit.targets: bUnit asks for a later assembly version of AngleSharp.Diffing than the one referenced, which the
/// runtime refuses before it looks for a missing member. The members that bUnit uses are in both; so the older one is handed over.
/// Never called when bUnit comes from its package.
/// </summary>
internal static class BunitAssemblies
{
    [ModuleInitializer]
    internal static void AcceptOlderDiffing() => AssemblyLoadContext.Default.Resolving += Resolve;

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName wanted) =>
        wanted is { Name: "AngleSharp.Diffing", Version: not null } ? context.LoadFromAssemblyName(new AssemblyName(wanted.Name)) : null;
}
