using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Where a page of changes ended: a number that orders them and the id of the last. It is opaque to callers and names the list for which it was made.</summary>
/// <param name="list">One letter for each kind of list.</param>
internal sealed class PositionCursor(char list)
{
    public string Write(long number, Guid id) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{list}{number},{id:D}")));

    /// <exception cref="ProblemException">The text is no cursor, or one of another list.</exception>
    public (long Number, Guid Id) Read(string cursor)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)).Split(',');
            if (parts is [[var first, .. var text], var last] && first == list && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && Guid.TryParseExact(last, "D", out var id))
            {
                return (number, id);
            }
        }
        catch (FormatException)
        {
            // Falls through to the one answer for every forged cursor.
        }
        throw Refused();
    }

    public static ProblemException Refused() => new(Problem.At("after", ProblemKind.Invalid, "cursor"));
}
