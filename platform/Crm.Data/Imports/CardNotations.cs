using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Business cards as JSON (RFC 7095) and as XML (RFC 6351), turned into the lines of the usual notation.</summary>
internal static class CardNotations
{
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true };

    /// <exception cref="ProblemException">It is no card.</exception>
    public static ImportTable ReadJson(byte[] content)
    {
        try
        {
            using var json = JsonDocument.Parse(content, new() { MaxDepth = 16 });
            var root = json.RootElement;
            var cards = IsCard(root) ? [root] : root.ValueKind == JsonValueKind.Array ? root.EnumerateArray().Where(IsCard).ToList() : [];
            return VCardReader.Read(cards.Select(card => card[1].EnumerateArray().Where(p => p.ValueKind == JsonValueKind.Array && p.GetArrayLength() > 3).Select(LineOf).ToList()).ToList());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.vcf"));
        }
    }

    /// <exception cref="ProblemException">It is no card.</exception>
    public static ImportTable ReadXml(byte[] content)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(content), Settings);
            return VCardReader.Read(XDocument.Load(reader).Descendants().Where(e => e.Name.LocalName == "vcard").Select(card => card.Elements().SelectMany(Ungrouped).Select(LineOf).ToList()).ToList());
        }
        catch (XmlException)
        {
            throw new ProblemException(Problem.At("file", ProblemKind.Invalid, "import.vcf"));
        }
    }

    private static bool IsCard(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array && json.GetArrayLength() == 2 && json[0].ValueKind == JsonValueKind.String && json[0].GetString() == "vcard" && json[1].ValueKind == JsonValueKind.Array;

    private static VCardLine LineOf(JsonElement property)
    {
        var parameters = property[1].ValueKind == JsonValueKind.Object
            ? property[1].EnumerateObject().SelectMany(p => (p.Value.ValueKind == JsonValueKind.Array ? p.Value.EnumerateArray().ToArray() : [p.Value]).Select(v => (p.Name.ToUpperInvariant(), v.ToString()))).ToList()
            : [];
        var values = property.EnumerateArray().Skip(3).Select(v => v.ValueKind == JsonValueKind.Array
            ? string.Join(';', v.EnumerateArray().Select(part => part.ValueKind == JsonValueKind.Array ? string.Join(',', part.EnumerateArray().Select(i => Escape(i.ToString()))) : Escape(part.ToString())))
            : Escape(v.ToString()));
        return new(property[0].ToString().ToUpperInvariant(), parameters, string.Join(',', values));
    }

    private static IEnumerable<XElement> Ungrouped(XElement element) => element.Name.LocalName == "group" ? element.Elements() : [element];

    private static VCardLine LineOf(XElement property)
    {
        var parameters = property.Elements().Where(e => e.Name.LocalName == "parameters").Elements().SelectMany(p => p.Elements().Select(v => (p.Name.LocalName.ToUpperInvariant(), v.Value.Trim()))).ToList();
        var parts = property.Elements().Where(e => e.Name.LocalName != "parameters").ToList();
        // The parts of a name or an address are elements of their own, in the order of the usual notation; a part that occurs twice is a list.
        var isStructured = property.Name.LocalName is "n" or "adr" or "org";
        var groups = parts.GroupBy(p => p.Name.LocalName).Select(g => string.Join(property.Name.LocalName == "org" ? ";" : ",", g.Select(e => Escape(e.Value.Trim()))));
        return new(property.Name.LocalName.ToUpperInvariant(), parameters, string.Join(isStructured ? ";" : ",", groups));
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).ReplaceLineEndings("\\n");
}
