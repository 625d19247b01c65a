using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>A file that a record refers to: what a list needs to show it without asking for it.</summary>
/// <param name="Id">Under which its content is fetched.</param>
/// <param name="Name">What it is called here; the same file may have another name elsewhere.</param>
/// <param name="Type">Media type, known from the content.</param>
/// <param name="Size">In bytes.</param>
public sealed record AttachedFile(Guid Id, string Name, string Type, long Size);

/// <summary>The files of one field, in order. Equal where the files and their names are.</summary>
public sealed class FileSet(IEnumerable<AttachedFile> files) : IEquatable<FileSet>
{
    public IReadOnlyList<AttachedFile> Files { get; } = [.. files];

    public bool Equals(FileSet? other) => other is not null && Files.SequenceEqual(other.Files);

    public override bool Equals(object? obj) => Equals(obj as FileSet);

    public override int GetHashCode() => Files.Aggregate(0, HashCode.Combine);

    public override string ToString() => string.Join(", ", Files.Select(f => f.Name));
}

/// <summary>
/// What fields with files have in common. A value names files by id; what they are called, what they are and how large is filled in from
/// the files themselves when the record is written, so that nobody can say otherwise.
/// </summary>
public abstract class FileBasedFieldType : FieldType
{
    private const int MaxName = 200;

    private static readonly ColumnPart[] FileParts = [new("", ColumnKind.Text)];

    private static readonly ConditionOperator[] FileOperators = [ConditionOperator.IsNull, ConditionOperator.NotNull];

    [Description("What may be attached: media types (image/png, image/*) and endings (.pdf); anything that no browser or system runs, if empty.")]
    public IReadOnlyList<string> Accept { get; init; } = [];

    [Description("Largest file, in bytes.")]
    public long MaxSize { get; init; } = 25L * 1024 * 1024;

    /// <summary>Whether there may be more than one.</summary>
    [JsonIgnore]
    public abstract bool IsMany { get; }

    /// <summary>How many there may be.</summary>
    [JsonIgnore]
    public abstract int Most { get; }

    /// <summary>Whether only pictures may be attached.</summary>
    [JsonIgnore]
    public abstract bool IsPicture { get; }

    [JsonIgnore]
    public override IReadOnlyList<ColumnPart> Parts => FileParts;

    [JsonIgnore]
    public override Type ValueType => typeof(FileSet);

    [JsonIgnore]
    public override IReadOnlyList<ConditionOperator> Operators => FileOperators;

    [JsonIgnore]
    public override string Editor => "files";

    [JsonIgnore]
    public override string Cell => IsPicture ? "pictures" : "files";

    [JsonIgnore]
    public override bool ValueIsColumn => false;

    [JsonIgnore]
    public override bool IsSortable => false;

    public override IEnumerable<string> CheckOptions()
    {
        if (MaxSize is < 1 or > 1L << 34)
        {
            yield return "maxSize must lie between 1 byte and 16 GiB.";
        }
        if (Most is < 1 or > 100)
        {
            yield return "maxCount must lie between 1 and 100.";
        }
        foreach (var wrong in Accept.Where(a => a.Length < 2 || !(a[0] == '.' ^ a.Contains('/', StringComparison.Ordinal))))
        {
            yield return $"accept '{wrong}' is neither a media type nor an ending such as .pdf.";
        }
    }

    public override Parsed FromJson(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String && json.GetString()!.Length == 0)
        {
            return Parsed.Ok(null);
        }
        var files = new List<AttachedFile>();
        foreach (var item in json.ValueKind == JsonValueKind.Array ? json.EnumerateArray().ToArray() : [json])
        {
            if (Read(item) is not { } file)
            {
                return Parsed.Bad("value.file");
            }
            if (files.Exists(f => f.Id == file.Id))
            {
                return Parsed.Bad("value.fileTwice");
            }
            files.Add(file);
        }
        return files.Count == 0 ? Parsed.Ok(null) : files.Count > Most ? Parsed.Bad("value.files", Most, files.Count) : Parsed.Ok(new FileSet(files));
    }

    public override void WriteJson(Utf8JsonWriter writer, object value)
    {
        var files = ((FileSet)value).Files;
        if (IsMany)
        {
            writer.WriteStartArray();
        }
        foreach (var file in IsMany ? files : files.Take(1))
        {
            writer.WriteStartObject();
            writer.WriteString("id", file.Id);
            writer.WriteString("name", file.Name);
            writer.WriteString("type", file.Type);
            writer.WriteNumber("size", file.Size);
            writer.WriteEndObject();
        }
        if (IsMany)
        {
            writer.WriteEndArray();
        }
    }

    /// <summary>Ids, one after the other, or what <see cref="FieldType.ToFileText"/> wrote.</summary>
    public override Parsed FromText(string text, TextFormat format)
    {
        var trimmed = text.Trim();
        if (trimmed is ['{' or '[', ..])
        {
            try
            {
                using var json = JsonDocument.Parse(trimmed, new() { MaxDepth = 8, AllowDuplicateProperties = false });
                return FromJson(json.RootElement);
            }
            catch (JsonException)
            {
                return Parsed.Bad("value.file");
            }
        }
        var ids = trimmed.Split([' ', ',', ';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return ids.All(i => Guid.TryParseExact(i, "D", out _)) && ids.Distinct(StringComparer.OrdinalIgnoreCase).Count() == ids.Length
            ? ids.Length > Most ? Parsed.Bad("value.files", Most, ids.Length) : Parsed.Ok(new FileSet(ids.Select(i => new AttachedFile(Guid.ParseExact(i, "D"), "", "", 0))))
            : Parsed.Bad("value.file");
    }

    public override string ToText(object value, CultureInfo culture) => value.ToString()!;

    public override void ToColumns(object? value, Span<object?> columns) => columns[0] = value is FileSet set ? Stored(set) : null;

    public override object? FromColumns(ReadOnlySpan<object?> columns) =>
        columns[0] is string json ? new FileSet(JsonSerializer.Deserialize<List<AttachedFile>>(json, MetadataFiles.Json)!) : null;

    public override int Compare(object left, object right) => Folding.CompareByCodePoint(Stored((FileSet)left), Stored((FileSet)right));

    private static string Stored(FileSet set) => JsonSerializer.Serialize(set.Files, MetadataFiles.Json);

    /// <summary>Whether a file may be attached here, as its content and name have it.</summary>
    public Fault? Check(AttachedFile file) =>
        file.Size > MaxSize ? new("file.tooLarge", file.Name, MaxSize / 1024)
        : (IsPicture && !FileKinds.IsPicture(file.Type)) || (Accept.Count > 0 && !Accept.Any(a => FileKinds.Matches(a, file.Type, file.Name))) ? new("file.type", file.Name, file.Type, Accept.Count > 0 ? string.Join(", ", Accept) : "image/*")
        : null;

    private static AttachedFile? Read(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String)
        {
            return Guid.TryParseExact(json.GetString(), "D", out var bare) ? new(bare, "", "", 0) : null;
        }
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("id", out var id) || id.ValueKind != JsonValueKind.String || !Guid.TryParseExact(id.GetString(), "D", out var fileId))
        {
            return null;
        }
        var name = json.TryGetProperty("name", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString()! : "";
        var type = json.TryGetProperty("type", out var kind) && kind.ValueKind == JsonValueKind.String ? kind.GetString()! : "";
        return name.Length > MaxName || name.Any(char.IsControl) ? null : new(fileId, name, type, json.TryGetProperty("size", out var size) && size.ValueKind == JsonValueKind.Number && size.TryGetInt64(out var bytes) ? bytes : 0);
    }
}

/// <summary>One file.</summary>
[FieldType("file")]
public sealed class FileFieldType : FileBasedFieldType
{
    [JsonIgnore]
    public override bool IsMany => false;

    [JsonIgnore]
    public override int Most => 1;

    [JsonIgnore]
    public override bool IsPicture => false;
}

/// <summary>Several files.</summary>
[FieldType("files")]
public sealed class FilesFieldType : FileBasedFieldType
{
    [Description("How many there may be.")]
    public int MaxCount { get; init; } = 20;

    [JsonIgnore]
    public override bool IsMany => true;

    [JsonIgnore]
    public override int Most => MaxCount;

    [JsonIgnore]
    public override bool IsPicture => false;
}

/// <summary>One picture.</summary>
[FieldType("image")]
public sealed class ImageFieldType : FileBasedFieldType
{
    [JsonIgnore]
    public override bool IsMany => false;

    [JsonIgnore]
    public override int Most => 1;

    [JsonIgnore]
    public override bool IsPicture => true;
}

/// <summary>Several pictures.</summary>
[FieldType("images")]
public sealed class ImagesFieldType : FileBasedFieldType
{
    [Description("How many there may be.")]
    public int MaxCount { get; init; } = 20;

    [JsonIgnore]
    public override bool IsMany => true;

    [JsonIgnore]
    public override int Most => MaxCount;

    [JsonIgnore]
    public override bool IsPicture => true;
}
