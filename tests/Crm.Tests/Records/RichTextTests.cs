using AngleSharp.Html.Parser;
using Crm.Metadata;
using FsCheck;
using FsCheck.Fluent;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Formatted text is safe to show, whoever wrote it.</summary>
public sealed class RichTextTests
{
    private static readonly string[] Elements = ["p", "br", "div", "span", "b", "strong", "i", "em", "u", "s", "del", "ins", "sub", "sup", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "hr", "a", "img", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption"];

    private static readonly string[] Attributes = ["href", "src", "alt", "width", "height", "colspan", "rowspan", "start", "style", "target", "rel"];

    private static readonly string[] Schemes = ["http:", "https:", "mailto:", "tel:", "data:image/png;", "data:image/jpeg;", "data:image/gif;", "data:image/webp;"];

    private static readonly string[] Attacks =
    [
        "<script>alert(1)</script>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>", "<scr<script>ipt>alert(1)</scr</script>ipt>", "<img src=x onerror=alert(1)>", "<img src=\"javascript:alert(1)\">",
        "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>", "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>", "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
        "<a href=\"javascript:alert(1)\">x</a>", "<a href=\" javascript:alert(1)\">x</a>", "<a href=\"java\nscript:alert(1)\">x</a>", "<a href=\"jav&#x09;ascript:alert(1)\">x</a>", "<a href=\"&#106;avascript:alert(1)\">x</a>",
        "<a href=\"vbscript:msgbox(1)\">x</a>", "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>", "<a href=\"//evil.example\">x</a>", "<a href=\"https://good.example\" onclick=\"alert(1)\">x</a>",
        "<iframe src=\"javascript:alert(1)\"></iframe>", "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>", "<object data=\"javascript:alert(1)\"></object>", "<embed src=\"javascript:alert(1)\">",
        "<form action=\"javascript:alert(1)\"><button>x</button></form>", "<input autofocus onfocus=alert(1)>", "<select onfocus=alert(1) autofocus></select>", "<textarea><img src=x onerror=alert(1)></textarea>",
        "<style>body{background:url(javascript:alert(1))}</style>", "<div style=\"background:url(javascript:alert(1))\">x</div>", "<div style=\"width:expression(alert(1))\">x</div>", "<p style=\"text-align:center;position:fixed;inset:0\">x</p>",
        "<link rel=stylesheet href=//evil.example>", "<base href=//evil.example>", "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">", "<template><script>alert(1)</script></template>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>", "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">", "<!--><img src=x onerror=alert(1)>-->", "<![CDATA[<img src=x onerror=alert(1)>]]>",
        "<p title=\"</p><script>alert(1)</script>\">x</p>", "<b id=\"x\" class=\"y\" data-z=\"1\">x</b>", "<table background=\"javascript:alert(1)\"><tr><td>x</td></tr></table>", "<a href=\"tel:1\" target=_self>x</a>",
        "<img src=\"data:image/svg+xml;base64,PHN2Zz48L3N2Zz4=\">", "<img src=\"data:image/png;base64,AAAA\" onload=alert(1)>", "<video><source onerror=alert(1)></video>", "<details open ontoggle=alert(1)>x</details>",
        "<form><math><mtext></form><form><mglyph><svg><mtext><style><path id=\"</style><img onerror=alert(1) src>\">", "<a href='https://x.example/\"><img src=x onerror=alert(1)>'>x</a>", "<plaintext><script>alert(1)</script>",
        "<p>" + "\u0000<scr\u0000ipt>alert(1)</script>", "<li><a href=\"https://ok.example/?q=<script>alert(1)</script>\">x</a>",
    ];

    public static TheoryData<string> Strings => [.. Attacks];

    [Theory]
    [MemberData(nameof(Strings))]
    public void Nothing_that_runs_comes_through(string attack)
    {
        foreach (var html in new[] { attack, $"<p>before</p>{attack}<p>after</p>", $"<table><tr><td>{attack}", attack + attack, attack.ToUpperInvariant() })
        {
            Harmless(RichText.Clean(html));
        }
    }

    /// <summary>Text behind a select that an unknown element has closed.</summary>
    [Fact]
    public void Markup_that_breaks_the_parser_keeps_its_words()
    {
        const string Html = """<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript><select onfocus=alert(ert(1)</script><xmp><p title="</xmp><img src=x onerror=alert(1)>"><select onfocus=alert(le" onclick="alert(1)">x</a>""";

        var clean = RichText.Clean("<p>before</p>" + Html + "after");

        Harmless(clean);
        RichText.ToPlainText(clean).ShouldStartWith("before");
        RichText.ToPlainText(clean).ShouldEndWith("after");
        RichText.Clean(clean).ShouldBe(clean);
    }

    [Fact]
    public void Whatever_pieces_are_put_together_the_result_is_harmless_and_stays_as_it_is() =>
        Check.One(Rounds.Of(600), Prop.ForAll(Gen.Elements(Attacks.SelectMany(Pieces).ToArray()).ListOf().Select(parts => string.Concat(parts)).ToArbitrary(), html =>
        {
            var clean = RichText.Clean(html);
            Harmless(clean);
            RichText.Clean(clean).ShouldBe(clean);
        }));

    [Theory]
    [InlineData("<p>Hello <b>world</b></p>", "<p>Hello <b>world</b></p>")]
    [InlineData("<section><p>kept</p></section>", "<p>kept</p>")]
    [InlineData("<a href=\"https://example.com/?a=1&b=2\">x</a>", "<a href=\"https://example.com/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener noreferrer\">x</a>")]
    [InlineData("<p style=\"color:red;text-align: Center\">x</p>", "<p style=\"text-align: center\">x</p>")]
    [InlineData("<p>1 &lt; 2 &amp;&amp; 3 &gt; 2</p>", "<p>1 &lt; 2 &amp;&amp; 3 &gt; 2</p>")]
    [InlineData("<p><br></p><p> &nbsp;</p>", "")]
    public void What_is_allowed_stays_and_the_rest_goes(string html, string expected) => RichText.Clean(html).ShouldBe(expected);

    [Fact]
    public void Search_and_files_see_the_words() =>
        RichText.ToPlainText("<h1>Offer</h1><p>for <b>Acme</b> &amp; Sons<br>today</p><ul><li>one</li><li>two</li></ul><script>no</script>").ShouldBe("Offer\nfor Acme & Sons\ntoday\none\ntwo");

    [Fact]
    public void Very_deep_markup_is_cut_and_does_not_break_anything() =>
        Harmless(RichText.Clean(string.Concat(Enumerable.Repeat("<div><b>", 5_000)) + "deep"));

    [Fact]
    public async Task What_is_stored_has_been_cleaned_and_is_found_by_its_words()
    {
        await using var store = await TestStore.OpenAsync("note", """{"name": "body", "type": "richText"}""");
        var record = await store.CreateAsync("note", """{"body": "<p onclick=\"alert(1)\">Besuch bei <b>Müller</b></p><script>alert(1)</script>"}""");

        (await store.GetAsync(record))["body"].ShouldBe("<p>Besuch bei <b>Müller</b></p>");
        (await store.QueryAsync("note", """{"field": "body", "op": "contains", "value": "bei muller"}""")).Items.Count.ShouldBe(1);
        (await store.QueryAsync("note", """{"field": "body", "op": "contains", "value": "<b>"}""")).Items.Count.ShouldBe(0);
    }

    [Theory]
    [InlineData("<script>alert(1)</script>")]
    [InlineData("[x](javascript:alert(1))")]
    [InlineData("![x](javascript:alert(1))")]
    [InlineData("<img src=x onerror=alert(1)>")]
    [InlineData("<javascript:alert(1)>")]
    public void Markdown_shows_markup_as_text_and_follows_no_script(string markdown) => Harmless(MarkdownText.ToHtml(markdown));

    [Fact]
    public void Markdown_becomes_markup() => MarkdownText.ToHtml("# A\n\n**b** <i>c</i>").ShouldBe("<h1>A</h1>\n<p><strong>b</strong> &lt;i&gt;c&lt;/i&gt;</p>\n");

    private static IEnumerable<string> Pieces(string attack) => [attack, attack[..(attack.Length / 2)], attack[(attack.Length / 2)..], "<b>", "</p>", "<table>", "text "];

    /// <summary>Read as a browser would: only known elements, no handler, no address that runs.</summary>
    private static void Harmless(string html)
    {
        var body = new HtmlParser(new HtmlParserOptions { IsScripting = true }).ParseDocument("<!doctype html><body>" + html).Body!;
        foreach (var element in body.QuerySelectorAll("*"))
        {
            Elements.ShouldContain(element.LocalName, html);
            element.NamespaceUri.ShouldBe("http://www.w3.org/1999/xhtml");
            foreach (var attribute in element.Attributes)
            {
                Attributes.ShouldContain(attribute.Name, html);
                if (attribute.Name is "href" or "src")
                {
                    Array.Exists(Schemes, scheme => attribute.Value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)).ShouldBeTrue(html);
                }
            }
        }
    }
}
