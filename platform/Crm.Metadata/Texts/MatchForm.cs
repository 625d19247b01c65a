using System.Text;

namespace Crm.Metadata;

/// <summary>
/// The form of a value in which probable duplicates are equal. It is computed once, when a record is written, and looked up by equality, so that a
/// million records cost what a thousand do.
/// </summary>
public static class MatchForm
{
    /// <summary>Digits of a telephone number that tell one from another, whatever country and trunk codes precede them.</summary>
    private const int PhoneDigits = 9;

    private static readonly HashSet<string> LegalForms = new(StringComparer.Ordinal)
    {
        "ag", "bv", "co", "company", "corp", "corporation", "gmbh", "inc", "incorporated", "kg", "limited", "llc", "llp", "ltd", "nv", "oy", "plc", "pty", "sa", "sarl", "spa", "srl", "the", "und", "and",
    };

    private static readonly string[] ChineseLegalForms = ["股份有限公司", "有限责任公司", "有限公司", "集团"];

    /// <returns>Null if there is nothing to compare.</returns>
    public static string? Of(MatchHow how, string text)
    {
        var form = how switch
        {
            MatchHow.Exact => text,
            MatchHow.Folded => string.Concat(Words(text)),
            MatchHow.Email => Email(text),
            MatchHow.Phone => Phone(text),
            MatchHow.Name => string.Join(' ', NameWords(text)),
            _ => string.Join(' ', NameWords(text).Select(Sound).Order(StringComparer.Ordinal)),
        };
        return form is { Length: > 0 } ? form : null;
    }

    private static IEnumerable<string> Words(string text)
    {
        var word = new StringBuilder();
        foreach (var rune in Folding.Fold(text).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                word.Append(rune.ToString());
            }
            else if (word.Length > 0 && rune.Value is not ('.' or '\''))
            {
                yield return word.ToString();
                word.Clear();
            }
        }
        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }

    private static IEnumerable<string> NameWords(string text)
    {
        foreach (var form in ChineseLegalForms)
        {
            text = text.Replace(form, "", StringComparison.Ordinal);
        }
        var words = Words(text).ToList();
        var kept = words.Where(w => !LegalForms.Contains(w)).Order(StringComparer.Ordinal).ToList();
        return kept.Count > 0 ? kept : words;
    }

    private static string Email(string text)
    {
        var folded = Folding.Fold(text);
        var (plus, at) = (folded.IndexOf('+', StringComparison.Ordinal), folded.LastIndexOf('@'));
        return plus > 0 && plus < at ? folded[..plus] + folded[at..] : folded;
    }

    private static string? Phone(string text)
    {
        var digits = string.Concat(text.Where(char.IsAsciiDigit)).TrimStart('0');
        return digits.Length < 5 ? null : digits.Length > PhoneDigits ? digits[^PhoneDigits..] : digits;
    }

    /// <summary>The first letter and the classes of the consonants that follow, after American Soundex but of any length; what is not Latin stays as it is.</summary>
    private static string Sound(string word)
    {
        if (!word.All(char.IsAsciiLetter))
        {
            return word;
        }
        var sound = new StringBuilder().Append(ClassOf(word[0]) is '0' ? word[0] : ClassOf(word[0]));
        var last = ClassOf(word[0]);
        foreach (var letter in word.AsSpan(1))
        {
            var group = ClassOf(letter);
            if (group != '0' && group != last)
            {
                sound.Append(group);
            }
            last = letter is 'h' or 'w' ? last : group;
        }
        return sound.ToString();
    }

    private static char ClassOf(char letter) => letter switch
    {
        'b' or 'f' or 'p' or 'v' => '1',
        'c' or 'g' or 'j' or 'k' or 'q' or 's' or 'x' or 'z' => '2',
        'd' or 't' => '3',
        'l' => '4',
        'm' or 'n' => '5',
        'r' => '6',
        _ => '0',
    };
}
