using Crm.Metadata;

namespace Crm.Ui.Imports;

/// <summary>A file and how it is read; what is empty is found out.</summary>
public sealed class ImportReading(string fileName, byte[] content)
{
    public string FileName { get; } = fileName;

    public byte[] Content { get; } = content;

    public string Encoding { get; set; } = "";

    public string Delimiter { get; set; } = "";

    /// <summary>yes, no or empty.</summary>
    public string Header { get; set; } = "";

    public string Decimal { get; set; } = "";

    public string DateFormat { get; set; } = "";

    public string Sheet { get; set; } = "";

    public bool IsText => Path.GetExtension(FileName).ToLowerInvariant() is ".csv" or ".txt" or ".tsv";

    public bool IsWorkbook => Path.GetExtension(FileName).Equals(".xlsx", StringComparison.OrdinalIgnoreCase);

    public ImportProfile ToProfile() => new()
    {
        Encoding = Or(Encoding),
        Delimiter = Or(Delimiter),
        Header = Header switch { "yes" => true, "no" => false, _ => null },
        Decimal = Or(Decimal),
        DateFormat = Or(DateFormat),
        Sheet = Or(Sheet),
    };

    private static string? Or(string text) => text.Length == 0 ? null : text;
}
