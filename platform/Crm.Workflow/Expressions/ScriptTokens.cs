namespace Crm.Workflow;

/// <summary>A script as words, signs and what stands between them, and the ways through these.</summary>
internal static class ScriptTokens
{
    /// <summary>How deep brackets may stand in each other.</summary>
    private const int MaxBrackets = 100;

    public enum Kind
    {
        Space, Word, Number, Text, Template, Regex, Sign,
    }

    public readonly record struct Token(Kind Kind, string Text);

    public static List<Token> Read(string source, HashSet<string> words, int templates)
    {
        var tokens = new List<Token>();
        var brackets = 0;
        var i = 0;
        while (i < source.Length)
        {
            var start = i;
            var c = source[i];
            if (char.IsWhiteSpace(c))
            {
                while (i < source.Length && char.IsWhiteSpace(source[i]))
                {
                    i++;
                }
                tokens.Add(new(Kind.Space, source[start..i]));
            }
            else if (c == '/' && i + 1 < source.Length && source[i + 1] == '/')
            {
                i = source.IndexOf('\n', i) is var end && end < 0 ? source.Length : end;
                tokens.Add(new(Kind.Space, "\n"));
            }
            else if (c == '/' && i + 1 < source.Length && source[i + 1] == '*')
            {
                var end = source.IndexOf("*/", i + 2, StringComparison.Ordinal);
                i = end < 0 ? throw Broken("A comment has no end.") : end + 2;
                tokens.Add(new(Kind.Space, " "));
            }
            else if (char.IsLetter(c) || c is '_' or '$')
            {
                while (i < source.Length && (char.IsLetterOrDigit(source[i]) || source[i] is '_' or '$'))
                {
                    i++;
                }
                words.Add(source[start..i]);
                tokens.Add(new(Kind.Word, source[start..i]));
            }
            else if (char.IsDigit(c) || (c == '.' && i + 1 < source.Length && char.IsDigit(source[i + 1])))
            {
                while (i < source.Length && (char.IsLetterOrDigit(source[i]) || source[i] == '.' || (source[i] is '+' or '-' && source[i - 1] is 'e' or 'E' && !source[start..i].StartsWith("0x", StringComparison.OrdinalIgnoreCase))))
                {
                    i++;
                }
                tokens.Add(new(Kind.Number, source[start..i]));
            }
            else if (c is '"' or '\'')
            {
                i++;
                while (i < source.Length && source[i] != c)
                {
                    i += source[i] == '\\' ? 2 : 1;
                }
                i = i >= source.Length ? throw Broken("A text has no end.") : i + 1;
                tokens.Add(new(Kind.Text, source[start..i]));
            }
            else if (c == '`')
            {
                tokens.Add(new(Kind.Template, ScriptSource.Template(source, ref i, words, templates + 1)));
            }
            else if (c == '/' && StartsRegex(tokens))
            {
                var inClass = false;
                for (i++; i < source.Length && (source[i] != '/' || inClass); i++)
                {
                    inClass = source[i] == '[' || (source[i] != ']' && inClass);
                    i += source[i] == '\\' ? 1 : 0;
                    if (i < source.Length && source[i] == '\n')
                    {
                        throw Broken("A regular expression has no end.");
                    }
                }
                for (i++; i < source.Length && char.IsLetter(source[i]); i++)
                {
                }
                i = Math.Min(i, source.Length);
                tokens.Add(new(Kind.Regex, source[start..i]));
            }
            else
            {
                var length = Sign(source, i);
                tokens.Add(new(Kind.Sign, source.Substring(i, length)));
                brackets += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
                if (brackets > MaxBrackets)
                {
                    throw Broken("The script is nested too deeply.");
                }
                i += length;
            }
        }
        return tokens;
    }

    private static int Sign(string source, int i)
    {
        var rest = source.AsSpan(i);
        if (rest.StartsWith("?.") && rest.Length > 2 && !char.IsDigit(rest[2]))
        {
            return 2;
        }
        if (rest.StartsWith("..."))
        {
            return 3;
        }
        return rest.StartsWith("=>") || rest.StartsWith("??") || rest.StartsWith("&&") || rest.StartsWith("||") ? 2
            : rest.StartsWith("===") || rest.StartsWith("!==") ? 3
            : rest.StartsWith("==") || rest.StartsWith("!=") || rest.StartsWith("<=") || rest.StartsWith(">=") || rest.StartsWith("+=") || rest.StartsWith("-=") || rest.StartsWith("++") || rest.StartsWith("--") ? 2
            : 1;
    }

    private static bool StartsRegex(List<Token> tokens)
    {
        var last = tokens.FindLast(t => t.Kind != Kind.Space);
        return last.Kind switch
        {
            Kind.Word => last.Text is "return" or "typeof" or "case" or "in" or "of" or "delete" or "void" or "throw" or "new" or "else" or "do",
            Kind.Sign => last.Text is not (")" or "]" or "}" or "++" or "--"),
            Kind.Space => true,
            _ => false,
        };
    }

    public static int EndOfPlace(string source, int i, int templates)
    {
        var depth = 0;
        for (; i < source.Length; i++)
        {
            switch (source[i])
            {
                case '{': depth++; break;
                case '}' when depth == 0: return i;
                case '}': depth--; break;
                case '"' or '\'':
                    var quote = source[i];
                    for (i++; i < source.Length && source[i] != quote; i++)
                    {
                        i += source[i] == '\\' ? 1 : 0;
                    }
                    break;
                case '`':
                    ScriptSource.Template(source, ref i, [], templates + 1);
                    i--;
                    break;
            }
        }
        throw Broken("A template has no end.");
    }

    public static int Back(List<Token> tokens, int at)
    {
        while (at >= 0 && tokens[at].Kind == Kind.Space)
        {
            at--;
        }
        return at;
    }

    public static int Forward(List<Token> tokens, int at)
    {
        while (at < tokens.Count && tokens[at].Kind == Kind.Space)
        {
            at++;
        }
        return at;
    }

    public static int Opening(List<Token> tokens, int at)
    {
        var depth = 0;
        for (; at >= 0; at--)
        {
            depth += tokens[at].Text is ")" or "]" or "}" ? 1 : tokens[at].Text is "(" or "[" or "{" ? -1 : 0;
            if (depth == 0)
            {
                return at;
            }
        }
        throw Broken("A bracket was never opened.");
    }

    public static int Closing(List<Token> tokens, int at)
    {
        var depth = 0;
        for (; at < tokens.Count; at++)
        {
            depth += tokens[at].Text is "(" or "[" or "{" ? 1 : tokens[at].Text is ")" or "]" or "}" ? -1 : 0;
            if (depth == 0)
            {
                return at;
            }
        }
        throw Broken("A bracket is never closed.");
    }

    public static WorkflowException Broken(string message) => new("script.syntax", message);
}
