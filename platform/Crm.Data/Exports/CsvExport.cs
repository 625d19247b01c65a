using System.Text;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>CSV (RFC 4180), UTF-8; texts that a spreadsheet would run are disarmed.</summary>
[ExportFormat("csv")]
internal sealed class CsvExport : Export
{
    private StreamWriter? _text;

    public override string ContentType => "text/csv; charset=utf-8";

    public override void Begin(Stream output)
    {
        _text = new(output, new UTF8Encoding(Options.Mark), bufferSize: 16 * 1024);
        _text.Write(CsvText.Line(Columns.Select(c => CsvText.Disarm(c.Heading)), Options.Delimiter));
    }

    protected override void Write(RecordRow row) =>
        _text!.Write(CsvText.Line(Columns.Select((c, i) => row[i] is { } value ? Cell(c.Path.Field, value) : ""), Options.Delimiter));

    public override void End() => _text!.Flush();

    public override void Dispose() => _text?.Dispose();

    /// <summary>Only texts of people can be formulas; a number that begins with a minus is one.</summary>
    private string Cell(Field field, object value)
    {
        var text = TextOf(field, value);
        return value is string or not (long or decimal or bool or DateOnly or DateTimeOffset or Guid or Money) ? CsvText.Disarm(text) : text;
    }
}
