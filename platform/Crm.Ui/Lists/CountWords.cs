using System.Globalization;
using Crm.Data;

namespace Crm.Ui.Lists;

/// <summary>How many records there are, as it is written: "10,000+" where nobody counted further.</summary>
internal static class CountWords
{
    public static string Of(long count, bool isExact) => count.ToString("N0", CultureInfo.CurrentCulture) + (isExact ? "" : "+");

    /// <summary>A number that <see cref="RecordStore.CountAsync"/> counted, which is one more than the most it counts where there are more.</summary>
    public static string Of(long counted) => Of(Math.Min(counted, RecordStore.CountCap), counted <= RecordStore.CountCap);

    /// <summary>The number that came with a page; empty where none did.</summary>
    public static string Of(RecordPage page) => page.Count is { } count ? Of(count, page.CountIsExact) : "";
}
