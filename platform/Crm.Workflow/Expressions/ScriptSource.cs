using System.Text;
using static Crm.Workflow.ScriptTokens;

namespace Crm.Workflow;

/// <summary>
/// Scripts are written in the JavaScript of today; the interpreter knows ECMAScript 5.1. This rewrites what is common and can be
/// rewritten without understanding the whole: template literals, arrow functions, <c>??</c>, <c>?.</c>, and what <see cref="Newer"/> does.
/// The rest, such as classes, is left for the parser to refuse.
/// </summary>
internal static partial class ScriptSource
{
    /// <summary>How deep templates may stand in each other.</summary>
    private const int MaxTemplates = 8;

    /// <summary>Newer words are put into older ones one by one.</summary>
    private const int MaxRewritten = 1_000;

    /// <summary>The script in older words, and every word in it that is a name.</summary>
    /// <exception cref="WorkflowException">A text, comment or template has no end.</exception>
    public static (string Source, IReadOnlySet<string> Words) Lower(string source)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        var tokens = Rewrite(Read(source, words, 0));
        return (string.Concat(tokens.Select(t => t.Text)), words);
    }

    /// <summary><c>`a ${b} c`</c> as <c>("".concat("a ", (b), " c"))</c>: however many places it has, it is no deeper.</summary>
    public static string Template(string source, ref int i, HashSet<string> words, int templates)
    {
        if (templates > MaxTemplates)
        {
            throw Broken("Templates are nested too deeply.");
        }
        var result = new StringBuilder("(\"\".concat(\"");
        for (i++; i < source.Length && source[i] != '`'; i++)
        {
            switch (source[i])
            {
                case '\\' when i + 1 < source.Length:
                    i++;
                    result.Append(source[i] is '`' or '$' or '{' or '}' ? "" : "\\").Append(source[i] == '\n' ? "\n" : source[i].ToString());
                    break;
                case '$' when i + 1 < source.Length && source[i + 1] == '{':
                    var end = EndOfPlace(source, i + 2, templates);
                    var inner = Rewrite(Read(source[(i + 2)..end], words, templates));
                    result.Append("\", (").Append(string.Concat(inner.Select(t => t.Text))).Append("), \"");
                    i = end;
                    break;
                case '"': result.Append("\\\""); break;
                case '\n': result.Append("\\n"); break;
                case '\r': break;
                case '\u2028' or '\u2029': result.Append("\\u").Append(((int)source[i]).ToString("x4", System.Globalization.CultureInfo.InvariantCulture)); break;
                default: result.Append(source[i]); break;
            }
        }
        i = i >= source.Length ? throw Broken("A template has no end.") : i + 1;
        return result.Append("\"))").ToString();
    }

    private static List<Token> Rewrite(List<Token> tokens)
    {
        if (tokens.Count(t => t is { Kind: Kind.Sign, Text: "=>" or "?." or "??" }) > MaxRewritten)
        {
            throw Broken("The script has too many arrow functions, ?. and ?? .");
        }
        Newer(tokens);
        Arrows(tokens);
        Chains(tokens);
        Fallbacks(tokens);
        return tokens;
    }

    /// <summary>The text of a piece that becomes part of a greater one and is not looked into again.</summary>
    private static string Settled(List<Token> piece)
    {
        Chains(piece);
        Fallbacks(piece);
        return string.Concat(piece.Select(t => t.Text));
    }

    /// <summary><c>x => y</c> as <c>(function (x) { return y; })</c>, the last first, so that inner ones are done before outer ones.</summary>
    private static void Arrows(List<Token> tokens)
    {
        for (var at = tokens.Count - 1; at >= 0; at--)
        {
            if (tokens[at] is not { Kind: Kind.Sign, Text: "=>" })
            {
                continue;
            }
            var last = Back(tokens, at - 1);
            var first = last >= 0 && tokens[last].Text == ")" ? Opening(tokens, last) : last;
            var body = Forward(tokens, at + 1);
            if (first < 0 || body >= tokens.Count)
            {
                throw Broken("An arrow function is not complete.");
            }
            var parameters = Text(tokens, first, last + 1);
            parameters = parameters.StartsWith('(') ? parameters : "(" + parameters + ")";
            var isBlock = tokens[body].Text == "{";
            var end = isBlock ? Closing(tokens, body) + 1 : EndOfOperand(tokens, body, stopsAtConditional: false);
            var inner = Settled(tokens.GetRange(body, end - body));
            inner = isBlock ? inner : $"{{ return ({inner}); }}";
            if (IsAsync(tokens, first))
            {
                first = Back(tokens, first - 1);
                inner = $"{{ return Promise[' run'](function () {inner}); }}";
            }
            tokens.RemoveRange(first, end - first);
            tokens.Insert(first, new(Kind.Template, $"(function {parameters} {inner})"));
            at = first;
        }
    }

    /// <summary><c>a?.b.c</c> as a function of <c>a</c> that gives nothing where there is nothing.</summary>
    private static void Chains(List<Token> tokens)
    {
        for (var at = tokens.FindIndex(t => t is { Kind: Kind.Sign, Text: "?." }); at >= 0; at = tokens.FindIndex(t => t is { Kind: Kind.Sign, Text: "?." }))
        {
            var first = StartOfMember(tokens, at - 1);
            var end = at + 1;
            while (end < tokens.Count)
            {
                if (tokens[end].Text is "(" or "[")
                {
                    end = Closing(tokens, end) + 1;
                }
                else if (tokens[end].Text == "." || (tokens[end].Kind == Kind.Word && (end == at + 1 || tokens[end - 1].Text == ".")))
                {
                    end++;
                }
                else
                {
                    break;
                }
            }
            var left = Settled(tokens.GetRange(first, at - first));
            var rest = Settled(tokens.GetRange(at + 1, end - at - 1));
            tokens.RemoveRange(first, end - first);
            tokens.Insert(first, new(Kind.Template, $"(function (o) {{ return o === null || o === undefined ? undefined : o{(rest[0] is '(' or '[' ? "" : ".")}{rest}; }}).call(this, {left})"));
        }
    }

    /// <summary><c>a ?? b</c> as a function of <c>a</c>.</summary>
    private static void Fallbacks(List<Token> tokens)
    {
        for (var at = tokens.FindIndex(t => t is { Kind: Kind.Sign, Text: "??" }); at >= 0; at = tokens.FindIndex(t => t is { Kind: Kind.Sign, Text: "??" }))
        {
            var first = StartOfOperand(tokens, at - 1);
            var from = Forward(tokens, at + 1);
            var end = EndOfOperand(tokens, from, stopsAtConditional: true);
            var left = string.Concat(tokens.GetRange(first, at - first).Select(t => t.Text)).Trim();
            var right = string.Concat(tokens.GetRange(from, end - from).Select(t => t.Text));
            tokens.RemoveRange(first, end - first);
            tokens.Insert(first, new(Kind.Template, $" (function (v) {{ return v !== null && v !== undefined ? v : ({right}); }}).call(this, {left})"));
        }
    }

    private static int StartOfMember(List<Token> tokens, int at)
    {
        var first = at;
        while (first >= 0)
        {
            if (tokens[first].Text is ")" or "]")
            {
                first = Opening(tokens, first);
            }
            if (first > 0 && (tokens[first - 1].Text == "." || (tokens[first].Text is "(" or "[" && (tokens[first - 1].Kind is Kind.Word or Kind.Template || tokens[first - 1].Text is ")" or "]"))))
            {
                first = tokens[first - 1].Text == "." ? Back(tokens, first - 2) : first - 1;
                continue;
            }
            break;
        }
        return Math.Max(first, 0);
    }

    private static int StartOfOperand(List<Token> tokens, int at)
    {
        var first = at;
        while (first >= 0)
        {
            var token = tokens[first];
            if (token.Text is ")" or "]" or "}")
            {
                first = Opening(tokens, first) - 1;
                continue;
            }
            if (token.Text is "(" or "[" or "{" or "," or ";" or "=" or "?" or ":" or "&&" or "||" or "??" or "+=" or "-=" || token is { Kind: Kind.Word, Text: "return" or "throw" or "case" })
            {
                break;
            }
            first--;
        }
        return first + 1;
    }

    private static int EndOfOperand(List<Token> tokens, int from, bool stopsAtConditional)
    {
        var end = from;
        var conditionals = 0;
        while (end < tokens.Count)
        {
            var text = tokens[end].Text;
            if (text is "(" or "[" or "{")
            {
                end = Closing(tokens, end) + 1;
                continue;
            }
            if (text is ")" or "]" or "}" or "," or ";" || (stopsAtConditional && text is "?" or "??") || (text == ":" && conditionals-- == 0))
            {
                break;
            }
            conditionals += text == "?" ? 1 : 0;
            end++;
        }
        while (end > from && tokens[end - 1].Kind == Kind.Space)
        {
            end--;
        }
        return end;
    }
}
