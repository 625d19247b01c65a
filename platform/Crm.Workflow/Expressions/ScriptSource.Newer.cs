using System.Globalization;
using System.Text;
using static Crm.Workflow.ScriptTokens;

namespace Crm.Workflow;

/// <content>
/// Syntax that stands for more words of the older kind: <c>for (x of y)</c>, patterns, defaults and the rest of parameters, spread, short members, <c>await</c>. What has
/// to be done at run time is done by functions of <see cref="ScriptPrelude"/> whose names no script can write.
/// </content>
internal static partial class ScriptSource
{
    /// <summary>Words after which a bracket begins a value.</summary>
    private static readonly HashSet<string> BeforeValue = new(StringComparer.Ordinal) { "return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await" };

    private static bool IsNewer(Token token) => token is { Kind: Kind.Sign, Text: "..." or "{" or "[" or "=>" } or { Kind: Kind.Word, Text: "of" or "await" or "async" or "catch" or "function" };

    private static void Newer(List<Token> tokens)
    {
        if (!tokens.Exists(IsNewer))
        {
            return;
        }
        var names = 0;
        Awaits(tokens);
        Catches(tokens);
        Functions(tokens, ref names);
        Loops(tokens, ref names);
        Declarations(tokens, ref names);
        Literals(tokens, ref names);
    }

    /// <summary><c>await x</c> as the value of x, which is there or never comes; <c>async function</c> as one that gives a promise.</summary>
    private static void Awaits(List<Token> tokens)
    {
        for (var at = tokens.Count - 1; at >= 0; at--)
        {
            var from = Forward(tokens, at + 1);
            if (tokens[at] is { Kind: Kind.Word, Text: "await" } && !IsMember(tokens, at) && from < tokens.Count && (tokens[from].Kind is not (Kind.Sign or Kind.Regex) || tokens[from].Text is "(" or "["))
            {
                Replace(tokens, at, EndOfMember(tokens, from), "Promise[' value'](" + Text(tokens, from, EndOfMember(tokens, from)) + ")");
            }
            else if (tokens[at] is { Kind: Kind.Word, Text: "async" } && !IsMember(tokens, at) && from < tokens.Count && tokens[from] is { Kind: Kind.Word, Text: "function" } && tokens.FindIndex(from, t => t.Text == "(") is var parameters and > 0)
            {
                var open = Forward(tokens, Closing(tokens, parameters) + 1);
                var close = open < tokens.Count ? Closing(tokens, open) : throw Broken("A function is not complete.");
                Replace(tokens, at, close + 1, Text(tokens, from, open) + "{ return Promise[' run'](function () " + Text(tokens, open, close + 1) + "); }");
            }
        }
    }

    /// <summary><c>catch { }</c> without a name.</summary>
    private static void Catches(List<Token> tokens)
    {
        for (var at = tokens.Count - 1; at >= 0; at--)
        {
            if (tokens[at] is { Kind: Kind.Word, Text: "catch" } && !IsMember(tokens, at) && Forward(tokens, at + 1) is var next && next < tokens.Count && tokens[next].Text == "{")
            {
                Replace(tokens, at, at + 1, "catch ($e)");
            }
        }
    }

    /// <summary>Parameters of functions that are more than names.</summary>
    private static void Functions(List<Token> tokens, ref int names)
    {
        for (var at = tokens.Count - 1; at >= 0; at--)
        {
            if (tokens[at] is { Kind: Kind.Sign, Text: "=>" } && Back(tokens, at - 1) is var last && last >= 0 && tokens[last].Text == ")")
            {
                var first = Opening(tokens, last);
                var (plain, made) = Parameters(tokens.GetRange(first + 1, last - first - 1), ref names);
                if (made.Length > 0 && Forward(tokens, at + 1) is var start && start < tokens.Count)
                {
                    var isBlock = tokens[start].Text == "{";
                    var end = isBlock ? Closing(tokens, start) + 1 : EndOfOperand(tokens, start, stopsAtConditional: false);
                    Replace(tokens, first, end, $"({plain}) => {{ {made}{(isBlock ? Text(tokens, start + 1, end - 1) : "return (" + Text(tokens, start, end) + ");")} }}");
                    at = first;
                }
                continue;
            }
            if (tokens[at] is not { Kind: Kind.Word, Text: "function" } || IsMember(tokens, at) || Forward(tokens, at + 1) is var next && (next >= tokens.Count || (tokens[next].Kind != Kind.Word && tokens[next].Text != "(")) ||
                tokens.FindIndex(at, t => t.Text == "(") is var open && open < 0)
            {
                continue;
            }
            var close = Closing(tokens, open);
            var body = Forward(tokens, close + 1);
            var (parameters, declarations) = Parameters(tokens.GetRange(open + 1, close - open - 1), ref names);
            if (declarations.Length > 0 && body < tokens.Count && tokens[body].Text == "{")
            {
                Replace(tokens, open, body + 1, "(" + parameters + ") { " + declarations);
            }
        }
    }

    /// <summary>Parameters as plain names, and what makes the others of them; nothing where they are plain.</summary>
    private static (string Parameters, string Declarations) Parameters(List<Token> given, ref int names)
    {
        if (!given.Exists(t => t.Text is "=" or "{" or "[" or "..."))
        {
            return (Text(given, 0, given.Count), "");
        }
        var (parameters, declarations) = (new List<string>(), new StringBuilder());
        foreach (var part in Parts(given, 0, given.Count))
        {
            var parameter = Trim(part);
            if (parameter.Count == 0)
            {
                continue;
            }
            var made = new List<string>();
            if (parameter[0].Text == "...")
            {
                Bind(parameter.GetRange(1, parameter.Count - 1), "Array.prototype.slice.call(arguments, " + Number(parameters.Count) + ")", made, ref names);
            }
            else
            {
                var name = Name(ref names);
                parameters.Add(name);
                Target(parameter, name, made, ref names);
            }
            declarations.Append("var ").AppendJoin(", ", made).Append("; ");
        }
        return (string.Join(", ", parameters), declarations.ToString());
    }

    /// <summary><c>for (const x of list)</c> as a loop that counts.</summary>
    private static void Loops(List<Token> tokens, ref int names)
    {
        for (var at = tokens.Count - 1; at >= 0; at--)
        {
            if (tokens[at] is not { Kind: Kind.Word, Text: "for" } || IsMember(tokens, at) || Forward(tokens, at + 1) is var open && (open >= tokens.Count || tokens[open].Text != "("))
            {
                continue;
            }
            var close = Closing(tokens, open);
            var of = open + 1;
            while (of < close && tokens[of] is not { Kind: Kind.Word, Text: "of" })
            {
                of = tokens[of].Text is "(" or "[" or "{" ? Closing(tokens, of) + 1 : of + 1;
            }
            var variable = Trim(tokens.GetRange(open + 1, Math.Max(0, Math.Min(of, close) - open - 1)));
            if (of >= close || variable.Count == 0)
            {
                continue;
            }
            var isDeclared = variable[0] is { Kind: Kind.Word, Text: "var" or "let" or "const" };
            var (list, index) = (Name(ref names), Name(ref names));
            var made = new List<string>();
            Bind(isDeclared ? Trim(variable.GetRange(1, variable.Count - 1)) : variable, list + "[" + index + "]", made, ref names);
            var declared = isDeclared ? string.Concat(made.Select(m => ", " + m[..m.IndexOf(" = ", StringComparison.Ordinal)])) : "";
            Replace(tokens, open, close + 1, $"(var {list} = Array[' each']({Text(tokens, of + 1, close)}), {index} = 0{declared}; {index} < {list}.length && (({string.Join(", ", made)}), true); {index}++)");
        }
    }

    /// <summary><c>const {a, b: [c]} = x</c> as one declaration for each name.</summary>
    private static void Declarations(List<Token> tokens, ref int names)
    {
        for (var at = tokens.Count - 1; at >= 0; at--)
        {
            if (tokens[at] is not { Kind: Kind.Word, Text: "var" or "let" or "const" } || IsMember(tokens, at) || Forward(tokens, at + 1) is var open && (open >= tokens.Count || tokens[open].Text is not ("{" or "[")))
            {
                continue;
            }
            var equals = Forward(tokens, Closing(tokens, open) + 1);
            if (equals >= tokens.Count || tokens[equals].Text != "=")
            {
                continue;
            }
            var end = EndOfOperand(tokens, Forward(tokens, equals + 1), stopsAtConditional: false);
            var source = Name(ref names);
            var made = new List<string> { source + " = " + Text(tokens, equals + 1, end) };
            Bind(Trim(tokens.GetRange(open, Closing(tokens, open) - open + 1)), source, made, ref names);
            Replace(tokens, at, end, "var " + string.Join(", ", made));
        }
    }

    /// <summary>Short members, computed ones and spread, in lists, objects and calls; the last first, so that inner ones are done before outer ones.</summary>
    private static void Literals(List<Token> tokens, ref int names)
    {
        for (var at = tokens.Count - 1; at >= 0; at--)
        {
            if (tokens[at].Kind != Kind.Sign || tokens[at].Text is not ("{" or "[" or "("))
            {
                continue;
            }
            var before = Back(tokens, at - 1);
            var follows = before >= 0 && (tokens[before].Kind is Kind.Template or Kind.Text || tokens[before].Text is ")" or "]" || (tokens[before].Kind == Kind.Word && (!BeforeValue.Contains(tokens[before].Text) || IsMember(tokens, before))));
            if (tokens[at].Text == "{")
            {
                if (IsObject(tokens, at, before))
                {
                    ObjectLiteral(tokens, at, ref names);
                }
                continue;
            }
            var close = Closing(tokens, at);
            var parts = Parts(tokens, at + 1, close);
            // What a block follows are the parameters of a short method.
            var isMethod = Forward(tokens, close + 1) is var next && next < tokens.Count && tokens[next].Text == "{";
            if (!parts.Exists(p => Trim(p) is [{ Text: "..." }, ..]) || (tokens[at].Text == "(" ? !follows || isMethod : follows))
            {
                continue;
            }
            var list = "[].concat(" + string.Join(", ", parts.Select(Trim).Where(p => p.Count > 0).Select(p => p[0].Text == "..." ? "Array[' each'](" + Text(p, 1, p.Count) + ")" : "[" + Text(p, 0, p.Count) + "]")) + ")";
            if (tokens[at].Text == "[")
            {
                Replace(tokens, at, close + 1, list);
                continue;
            }
            var first = StartOfMember(tokens, before);
            if (Back(tokens, first - 1) is var made && made >= 0 && tokens[made] is { Kind: Kind.Word, Text: "new" })
            {
                continue;
            }
            var owner = tokens[before].Kind == Kind.Word && Back(tokens, before - 1) is var dot && dot >= first && tokens[dot].Text == "." ? Text(tokens, first, dot) : null;
            // What stands before the call is made anew too, and still to be looked at.
            at = first + Replace(tokens, first, close + 1, owner is not null ? $"Array[' call']({owner}, \"{tokens[before].Text}\", {list})" : $"{Text(tokens, first, before + 1)}.apply(undefined, {list})");
        }
    }

    /// <summary>Whether a brace begins an object and no block.</summary>
    private static bool IsObject(List<Token> tokens, int at, int before)
    {
        if (before < 0)
        {
            return false;
        }
        var token = tokens[before];
        return token.Kind == Kind.Word ? token.Text is "return" or "typeof" or "in" or "of" or "void" or "throw" or "new"
            : token.Kind == Kind.Sign && token.Text is not (")" or "]" or "}" or "{" or ";" or "=>") && (token.Text != ":" || Forward(tokens, at + 1) is var first && first < tokens.Count && Trim(Parts(tokens, at + 1, Closing(tokens, at))[0]) is not [{ Kind: Kind.Word, Text: "return" or "var" or "let" or "const" or "if" or "for" }, ..]);
    }

    private static void ObjectLiteral(List<Token> tokens, int at, ref int names)
    {
        var close = Closing(tokens, at);
        var pieces = new List<string>();
        var plain = new List<string>();
        var isNewer = false;
        foreach (var part in Parts(tokens, at + 1, close).Select(Trim).Where(p => p.Count > 0))
        {
            switch (part)
            {
                case [{ Text: "..." }, ..]:
                    Close();
                    pieces.Add(Text(part, 1, part.Count));
                    isNewer = true;
                    break;
                case [{ Text: "[" }, ..]:
                    var end = Closing(part, 0);
                    var colon = Forward(part, end + 1);
                    Close();
                    pieces.Add("Array[' pair'](" + Text(part, 1, end) + ", " + Text(part, colon + 1, part.Count) + ")");
                    isNewer = true;
                    break;
                case [{ Kind: Kind.Word } name]:
                    plain.Add(name.Text + ": " + name.Text);
                    isNewer = true;
                    break;
                case [{ Kind: Kind.Word } name, ..] when Forward(part, 1) is var open && part[open].Text == "(":
                    var last = Closing(part, open);
                    var body = Forward(part, last + 1);
                    var (parameters, declarations) = Parameters(part.GetRange(open + 1, last - open - 1), ref names);
                    plain.Add($"{name.Text}: function ({parameters}) {{ {declarations}{Text(part, body + 1, part.Count)}");
                    isNewer = true;
                    break;
                default:
                    plain.Add(Text(part, 0, part.Count));
                    break;
            }
        }
        if (!isNewer)
        {
            return;
        }
        if (pieces.Count == 0)
        {
            Replace(tokens, at, close + 1, "{" + string.Join(", ", plain) + "}");
            return;
        }
        Close();
        Replace(tokens, at, close + 1, "Object.assign({}, " + string.Join(", ", pieces) + ")");

        void Close()
        {
            if (plain.Count > 0)
            {
                pieces.Add("{" + string.Join(", ", plain) + "}");
                plain.Clear();
            }
        }
    }

    /// <summary>What a pattern makes of a source, as <c>name = value</c> each.</summary>
    private static void Bind(List<Token> pattern, string source, List<string> made, ref int names)
    {
        if (pattern.Count == 0 || pattern[0].Text is not ("{" or "["))
        {
            made.Add(Text(pattern, 0, pattern.Count) + " = " + source);
            return;
        }
        var isList = pattern[0].Text == "[";
        var close = Closing(pattern, 0);
        var list = isList ? Name(ref names) : source;
        if (isList)
        {
            made.Add(list + " = Array[' each'](" + source + ")");
        }
        var keys = new List<string>();
        var index = -1;
        foreach (var part in Parts(pattern, 1, close).Select(Trim))
        {
            index++;
            if (part.Count == 0)
            {
                continue;
            }
            if (part[0].Text == "...")
            {
                Bind(Trim(part.GetRange(1, part.Count - 1)), isList ? $"{list}.slice({Number(index)})" : $"Array[' rest']({source}, [{string.Join(", ", keys)}])", made, ref names);
                continue;
            }
            if (isList)
            {
                Target(part, $"{list}[{Number(index)}]", made, ref names);
                continue;
            }
            var end = part[0].Text == "[" ? Closing(part, 0) + 1 : 1;
            var key = part[0].Kind == Kind.Word ? "\"" + part[0].Text + "\"" : part[0].Text == "[" ? Text(part, 1, end - 1) : part[0].Text;
            keys.Add(key);
            var colon = Forward(part, end);
            Target(colon < part.Count && part[colon].Text == ":" ? Trim(part.GetRange(colon + 1, part.Count - colon - 1)) : part, $"{source}[{key}]", made, ref names);
        }
    }

    /// <summary>A pattern that may say what stands in for nothing.</summary>
    private static void Target(List<Token> target, string source, List<string> made, ref int names)
    {
        var equals = target.Count > 0 && target[0].Text is "{" or "[" ? Closing(target, 0) + 1 : 1;
        equals = Forward(target, equals);
        if (equals >= target.Count || target[equals].Text != "=")
        {
            Bind(target, source, made, ref names);
            return;
        }
        var value = Name(ref names);
        made.Add(value + " = " + source);
        Bind(Trim(target.GetRange(0, equals)), $"({value} === undefined ? ({Text(target, equals + 1, target.Count)}) : {value})", made, ref names);
    }

    private static int EndOfMember(List<Token> tokens, int from)
    {
        var end = from;
        while (end < tokens.Count && tokens[end] is { Kind: Kind.Word, Text: "new" or "await" or "typeof" })
        {
            end = Forward(tokens, end + 1);
        }
        end = end < tokens.Count && tokens[end].Text is "(" or "[" or "{" ? Closing(tokens, end) + 1 : end + 1;
        while (end < tokens.Count)
        {
            if (tokens[end].Text is "(" or "[")
            {
                end = Closing(tokens, end) + 1;
            }
            else if (Forward(tokens, end) is var dot && dot < tokens.Count && (tokens[dot].Text is "." or "?."))
            {
                end = Forward(tokens, dot + 1) + 1;
            }
            else
            {
                break;
            }
        }
        return Math.Min(end, tokens.Count);
    }

    private static bool IsAsync(List<Token> tokens, int first) => Back(tokens, first - 1) is var before && before >= 0 && tokens[before] is { Kind: Kind.Word, Text: "async" } && !IsMember(tokens, before);

    private static bool IsMember(List<Token> tokens, int at) => Back(tokens, at - 1) is var before && before >= 0 && tokens[before].Text is "." or "?.";

    private static List<List<Token>> Parts(List<Token> tokens, int from, int end)
    {
        var parts = new List<List<Token>> { new() };
        for (var at = from; at < end; at++)
        {
            if (tokens[at].Text is "(" or "[" or "{" && Closing(tokens, at) is var close)
            {
                parts[^1].AddRange(tokens.GetRange(at, close - at + 1));
                at = close;
            }
            else if (tokens[at] is { Kind: Kind.Sign, Text: "," })
            {
                parts.Add([]);
            }
            else
            {
                parts[^1].Add(tokens[at]);
            }
        }
        return parts;
    }

    private static List<Token> Trim(List<Token> tokens)
    {
        var (first, last) = (Forward(tokens, 0), Back(tokens, tokens.Count - 1));
        return first > last ? [] : tokens.GetRange(first, last - first + 1);
    }

    private static string Text(List<Token> tokens, int from, int end) => string.Concat(tokens.Skip(from).Take(end - from).Select(t => t.Text));

    /// <summary>Puts a text in the place of tokens.</summary>
    /// <returns>Of how many tokens it is.</returns>
    private static int Replace(List<Token> tokens, int from, int end, string text)
    {
        var made = Read(text, [], 0);
        tokens.RemoveRange(from, end - from);
        tokens.InsertRange(from, made);
        return made.Count;
    }

    private static string Name(ref int names) => "$" + Number(++names);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
