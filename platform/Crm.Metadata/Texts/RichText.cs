using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;

namespace Crm.Metadata;

/// <summary>
/// Markup by whitelist: what is not named here does not come through. The result is written anew from the parsed tree, never cut out of
/// the input, and is parsed again until nothing changes, because markup that reads differently the second time is how filters are fooled.
/// </summary>
public static partial class RichText
{
    private const int Deepest = 60, MostRounds = 4;

    private static readonly HashSet<string> Kept = new(StringComparer.Ordinal)
    {
        "p", "br", "div", "span", "b", "strong", "i", "em", "u", "s", "del", "ins", "sub", "sup", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "hr",
        "a", "img", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption",
    };

    /// <summary>What goes with all that is inside; of anything else that is not kept, the inside stays.</summary>
    private static readonly HashSet<string> Dropped = new(StringComparer.Ordinal)
    {
        "script", "style", "template", "noscript", "iframe", "frame", "frameset", "object", "embed", "applet", "svg", "math", "textarea", "select", "option", "button", "input", "title", "head", "meta",
        "link", "base", "xmp", "noembed", "noframes", "plaintext", "audio", "video", "canvas", "portal",
    };

    private static readonly HashSet<string> Void = new(StringComparer.Ordinal) { "br", "hr", "img" };

    private static readonly HashSet<string> Blocks = new(StringComparer.Ordinal) { "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "blockquote", "pre", "tr", "table", "ul", "ol", "hr", "br", "caption" };

    private static readonly string[] LinkSchemes = ["http", "https", "mailto", "tel"];

    private static readonly string[] Pictures = ["data:image/png;base64,", "data:image/jpeg;base64,", "data:image/gif;base64,", "data:image/webp;base64,"];

    /// <summary>The markup without anything that is not on the list; empty if nothing is left to see.</summary>
    public static string Clean(string html)
    {
        for (var round = 0; round < MostRounds; round++)
        {
            var output = new StringBuilder(html.Length);
            var body = Parse(html);
            foreach (var node in body.ChildNodes)
            {
                Write(node, output, 0);
            }
            var clean = output.ToString();
            if (clean == html)
            {
                return string.IsNullOrWhiteSpace(PlainOf(body)) && !clean.Contains("<img", StringComparison.Ordinal) ? "" : clean;
            }
            html = clean;
        }
        // It still changes, so it is not trusted: only its words stay.
        return FromPlainText(ToPlainText(html));
    }

    /// <summary>The words, one line for each block.</summary>
    public static string ToPlainText(string html) => PlainOf(Parse(html));

    /// <summary>Paragraphs at empty lines, breaks at the others.</summary>
    public static string FromPlainText(string text) => string.Concat(text.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
        .Select(paragraph => $"<p>{Escape(paragraph.Trim('\n')).Replace("\n", "<br>", StringComparison.Ordinal)}</p>"));

    private static IElement Parse(string html)
    {
        try
        {
            return Document(html);
        }
#pragma warning disable CA1031 // Some markup, such as a table inside a select inside a table, breaks the parser in ways of its own.
        catch (Exception)
#pragma warning restore CA1031
        {
            return Document(Tags().Replace(html, " "));
        }
    }

    private static IElement Document(string html)
    {
        // Scripting on or off decides how noscript reads; it is dropped either way.
        var parser = new HtmlParser(new HtmlParserOptions { IsScripting = false, DisableElementPositionTracking = true });
        return parser.ParseDocument("<!doctype html><body>" + html).Body!;
    }

    /// <summary>Whatever looks like a tag, and what a cut-off one leaves.</summary>
    [GeneratedRegex("<[^>]*>?", RegexOptions.NonBacktracking)]
    private static partial Regex Tags();

    private static string PlainOf(IElement body)
    {
        var text = new StringBuilder();
        Gather(body, text, 0);
        var lines = text.ToString().Split('\n').Select(l => string.Join(' ', l.Split([' ', '\t', '\r', '\u00a0'], StringSplitOptions.RemoveEmptyEntries))).ToList();
        return string.Join('\n', lines.Where((line, i) => line.Length > 0 || (i > 0 && lines[i - 1].Length > 0))).Trim('\n');
    }

    private static void Gather(INode node, StringBuilder text, int depth)
    {
        foreach (var child in node.ChildNodes)
        {
            if (child is IText words)
            {
                text.Append(words.Data.Replace('\n', ' '));
            }
            else if (child is IElement element && !Dropped.Contains(element.LocalName) && depth < Deepest)
            {
                var isBlock = Blocks.Contains(element.LocalName);
                if (isBlock && text.Length > 0 && text[^1] != '\n')
                {
                    text.Append('\n');
                }
                Gather(element, text, depth + 1);
                text.Append(isBlock && text.Length > 0 && text[^1] != '\n' ? '\n' : element.LocalName is "td" or "th" ? ' ' : "");
            }
        }
    }

    private static void Write(INode node, StringBuilder output, int depth)
    {
        if (node is IText text)
        {
            output.Append(Escape(text.Data));
            return;
        }
        if (node is not IElement element || depth > Deepest || element.NamespaceUri != "http://www.w3.org/1999/xhtml" || Dropped.Contains(element.LocalName))
        {
            return;
        }
        var name = element.LocalName;
        var isKept = Kept.Contains(name) && (name != "img" || Picture(element.GetAttribute("src")) is not null);
        if (isKept)
        {
            output.Append('<').Append(name);
            WriteAttributes(element, output);
            output.Append('>');
        }
        if (Void.Contains(name))
        {
            return;
        }
        foreach (var child in element.ChildNodes)
        {
            Write(child, output, depth + 1);
        }
        if (isKept)
        {
            output.Append("</").Append(name).Append('>');
        }
    }

    private static void WriteAttributes(IElement element, StringBuilder output)
    {
        switch (element.LocalName)
        {
            case "a" when Link(element.GetAttribute("href")) is { } href:
                Attribute("href", href);
                Attribute("target", "_blank");
                Attribute("rel", "noopener noreferrer");
                break;
            case "img":
                Attribute("src", Picture(element.GetAttribute("src"))!);
                Attribute("alt", element.GetAttribute("alt") ?? "");
                Number("width", 4_000);
                Number("height", 4_000);
                break;
            case "td" or "th":
                Number("colspan", 100);
                Number("rowspan", 100);
                break;
            case "ol":
                Number("start", 100_000);
                break;
        }
        if (Alignment(element.GetAttribute("style")) is { } alignment)
        {
            Attribute("style", "text-align: " + alignment);
        }

        void Attribute(string name, string value) => output.Append(' ').Append(name).Append("=\"").Append(Escape(value)).Append('"');

        void Number(string name, int most)
        {
            if (int.TryParse(element.GetAttribute(name), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number <= most)
            {
                Attribute(name, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>Only whole addresses of known kinds; what browsers overlook in a scheme (spaces, line breaks, control characters) is not overlooked here.</summary>
    private static string? Link(string? href)
    {
        var trimmed = href?.Trim();
        return trimmed is { Length: > 0 and < 2_000 } && !trimmed.Any(c => char.IsControl(c) || char.IsWhiteSpace(c)) &&
            Uri.TryCreate(trimmed, UriKind.Absolute, out var uri) && LinkSchemes.Contains(uri.Scheme, StringComparer.Ordinal) &&
            trimmed.StartsWith(uri.Scheme + ":", StringComparison.OrdinalIgnoreCase)
            ? trimmed
            : null;
    }

    private static string? Picture(string? src) =>
        src is null ? null
        : Array.Exists(Pictures, p => src.StartsWith(p, StringComparison.Ordinal)) && src.AsSpan(src.IndexOf(',', StringComparison.Ordinal) + 1).IndexOfAnyExcept(Base64) < 0 ? src
        : Link(src) is { } link && link.StartsWith("https:", StringComparison.OrdinalIgnoreCase) ? link
        : null;

    private static readonly System.Buffers.SearchValues<char> Base64 = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");

    private static string? Alignment(string? style)
    {
        var declaration = style?.Split(';').Select(d => d.Split(':')).LastOrDefault(d => d.Length == 2 && d[0].Trim().Equals("text-align", StringComparison.OrdinalIgnoreCase));
        return declaration?[1].Trim().ToLowerInvariant() is "left" or "right" or "center" or "justify" ? declaration[1].Trim().ToLowerInvariant() : null;
    }

    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal).Replace("\"", "&quot;", StringComparison.Ordinal).Replace("\u00a0", "&nbsp;", StringComparison.Ordinal);
}
