using Crm.Metadata;
using Crm.Ui.Fields;
using Crm.Ui.Records;

namespace Crm.Ui.Lists;

/// <summary>One cell of a list while somebody edits it.</summary>
public sealed class CellEdit(RecordDraft draft, Field field, int column)
{
    public RecordDraft Draft { get; set; } = draft;

    public Field Field { get; } = field;

    /// <summary>Its place among the columns.</summary>
    public int Column { get; } = column;

    public Guid Id => Draft.Original.Id;

    /// <summary>Why it could not be saved.</summary>
    public string? Problem { get; set; }

    public bool Busy { get; set; }

    /// <summary>Whether a cell has room for the field's editor; others are edited in the record.</summary>
    public static bool Fits(FieldPath path) => path.IsDirect && path.Field.IsWritable && path.Field.Type is not
        (CollectionFieldType or FileBasedFieldType or RichTextFieldType or MarkdownFieldType or LongTextFieldType or AddressFieldType or JsonFieldType or SignatureFieldType or SecretFieldType or ContactListFieldType
            or AnyLookupFieldType or GeoFieldType);

    public void Set(FieldInput input)
    {
        Problem = null;
        Draft.Set(Field, input);
    }
}
