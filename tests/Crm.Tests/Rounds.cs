using System.Globalization;
using FsCheck;

namespace Crm.Tests;

/// <summary>How often properties are tried: more often than usual where CRM_TEST_ROUNDS says how many times as often, to look for what is rare.</summary>
internal static class Rounds
{
    private static readonly int Times = int.Parse(Environment.GetEnvironmentVariable("CRM_TEST_ROUNDS") ?? "1", CultureInfo.InvariantCulture);

    public static Config Of(int usual) => Config.QuickThrowOnFailure.WithMaxTest(usual * Times);
}
