using System.Globalization;
using System.Text;
using Crm.Metadata;

namespace Crm.Data.Postgres;

/// <summary>What <see cref="Folding"/> does in memory, as a function of the database, for texts that are stored without their folded form.</summary>
internal static class PostgresFolding
{
    private static readonly string Sql = Write();

    /// <summary>Makes the function, or makes it anew.</summary>
    public static ValueTask CreateAsync(Session session, CancellationToken cancellationToken) => session.ExecuteOnceAsync(Sql, cancellationToken);

    /// <summary>Which characters are marks and which have another case .NET knows; PostgreSQL is told, because its own tables depend on how it was set up.</summary>
    private static string Write()
    {
        var (marks, upper, lower) = (new StringBuilder(), new StringBuilder("\uFFFE"), new StringBuilder("\uFFFD"));
        var (first, last) = (-1, -1);
        for (var code = 1; code <= 0x10FFFF; code++)
        {
            if (!Rune.TryCreate(code, out var rune))
            {
                continue;
            }
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark)
            {
                if (last != code - 1)
                {
                    Close();
                    first = code;
                }
                last = code;
            }
            else if (Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)) is var folded && folded != rune && rune.ToString().IsNormalized(NormalizationForm.FormKD))
            {
                upper.Append(rune.ToString());
                lower.Append(folded.ToString());
            }
        }
        Close();
        return $"""
            CREATE OR REPLACE FUNCTION {SystemViews.Fold}(original text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $fold$
            SELECT CASE WHEN octet_length(original) = char_length(original) THEN lower(original COLLATE "C")
            ELSE normalize(translate(replace(replace(regexp_replace(normalize(original, NFKD), '[{marks}]', '', 'g'), 'ß', 'ss'), 'ẞ', 'ss'), '{upper}', '{lower}'), NFC) END
            $fold$
            """;

        void Close()
        {
            if (first >= 0)
            {
                marks.Append(CultureInfo.InvariantCulture, $"\\U{first:X8}-\\U{last:X8}");
            }
        }
    }
}
