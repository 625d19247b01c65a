using System.Text;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>Business cards (vCard 3.0) of people and companies. Which field means what is known from the import: the columns of a card, the other way round.</summary>
[ExportFormat("vcf")]
internal sealed class VCardExport : Export
{
    private static readonly string[] Known =
    [
        "name", "last_name", "first_name", "middle_name", "prefix", "suffix", "company", "department", "job_title", "email", "phone", "mobile", "fax", "website",
        "street", "city", "state", "postal_code", "country", "birthday", "notes",
    ];

    private StreamWriter? _text;
    private Dictionary<string, int> _place = [];

    public override string ContentType => "text/vcard; charset=utf-8";

    public override void Begin(Stream output) => _text = new(output, new UTF8Encoding(false), bufferSize: 16 * 1024);

    public override void End() => _text!.Flush();

    public override void Dispose() => _text?.Dispose();

    protected override IReadOnlyList<ExportColumn> Choose()
    {
        var entity = Options.Query.Entity;
        var columns = new List<ExportColumn>();
        foreach (var name in Known)
        {
            if (ImportTarget.Suggest(name, entity) is { Field: { IsStored: true } field } target && columns.TrueForAll(c => c.Path.Steps[0] != field || (target.Part is not null && c.Path.Field != target.Part)))
            {
                var title = field.Target?.TitleField is { } of && Authority.MayFollow(Actor, new([field, of])) ? of : target.Part;
                columns.Add(new(name, title is null ? new([field]) : new([field, title])));
            }
        }
        _place = columns.Select((c, i) => (c.Heading, i)).ToDictionary(c => c.Heading, c => c.i, StringComparer.Ordinal);
        return _place.ContainsKey("name") && (_place.ContainsKey("email") || _place.ContainsKey("phone") || _place.ContainsKey("mobile"))
            ? columns
            : throw new ProblemException(Problem.At("format", ProblemKind.Invalid, "export.cards", entity.PluralLabel));
    }

    protected override void Write(RecordRow row)
    {
        Line("BEGIN", "VCARD");
        Line("VERSION", "3.0");
        Line("UID", "urn:uuid:" + row.Id.ToString("D"));
        Line("FN", Of(row, "name"));
        Line("N", string.Join(';', new[] { "last_name", "first_name", "middle_name", "prefix", "suffix" }.Select(c => Of(row, c))));
        Whole("ORG", Of(row, "company"), Of(row, "department"));
        Some("TITLE", Of(row, "job_title"));
        Each("EMAIL;TYPE=INTERNET", row, "email");
        Each("TEL;TYPE=VOICE", row, "phone");
        Each("TEL;TYPE=CELL", row, "mobile");
        Each("TEL;TYPE=FAX", row, "fax");
        Each("URL", row, "website");
        Whole("ADR", "", "", Of(row, "street"), Of(row, "city"), Of(row, "state"), Of(row, "postal_code"), Of(row, "country"));
        Some("BDAY", Of(row, "birthday"));
        Some("NOTE", Of(row, "notes"));
        Line("END", "VCARD");
    }

    /// <summary>One line for each number or address, the primary one first and marked.</summary>
    private void Each(string name, RecordRow row, string column)
    {
        if (!_place.TryGetValue(column, out var i) || row[i] is not ContactList list)
        {
            Some(name, Of(row, column));
            return;
        }
        foreach (var contact in list.Items)
        {
            var type = contact.Kind switch { "work" => "WORK", "private" => "HOME", "mobile" => "CELL", "fax" => "FAX", _ => null };
            Some(name + (type is null || name.EndsWith(type, StringComparison.Ordinal) ? "" : "," + type) + (contact.Primary && list.Items.Count > 1 ? ",PREF" : ""), Escape(contact.Value));
        }
    }

    private string Of(RecordRow row, string column) => _place.TryGetValue(column, out var i) && row[i] is { } value ? Escape(TextOf(Columns[i].Path.Field, value)) : "";

    private static string Escape(string text) => text.ReplaceLineEndings("\n").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace(",", "\\,", StringComparison.Ordinal).Replace(";", "\\;", StringComparison.Ordinal);

    private void Some(string name, string value)
    {
        if (value.Length > 0)
        {
            Line(name, value);
        }
    }

    private void Whole(string name, params string[] parts)
    {
        if (Array.Exists(parts, p => p.Length > 0))
        {
            Line(name, string.Join(';', parts).TrimEnd(';'));
        }
    }

    private void Line(string name, string value) => TextLines.Write(_text!, name + ":" + value);
}
