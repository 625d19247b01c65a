using Crm.Data;
using Crm.Metadata;
using Crm.Ui.Records;

namespace Crm.Ui.Forms;

/// <summary>Sections that share a tab of a long form.</summary>
public sealed record FormTab(Label Label, IReadOnlyList<FormSection> Sections);

/// <summary>How the sections of a form lie on tabs, and which fields a section shows as things stand.</summary>
public static class FormTabs
{
    private const int MostQuick = 8;

    /// <summary>The tabs in the order of their first sections; one where no section names a tab. Sections without one lie on the first.</summary>
    public static IReadOnlyList<FormTab> Of(FormDefinition form)
    {
        var first = form.Sections.Select(s => s.Tab).FirstOrDefault(t => t is not null) ?? new Label("");
        return [.. form.Sections.GroupBy(s => (s.Tab ?? first).In(Label.DefaultLanguage), StringComparer.Ordinal).Select(g => new FormTab(g.First().Tab ?? first, [.. g]))];
    }

    /// <summary>The fields of the short form: those that metadata names, else what is required and the first things that one would say.</summary>
    public static IReadOnlyList<Field> Quick(Entity entity)
    {
        if (entity.Form.Quick.Count > 0)
        {
            return [.. entity.Form.Quick.Select(entity.Find).OfType<Field>().Where(f => f.IsWritable)];
        }
        var first = entity.Form.Sections.Count > 0 ? entity.Form.Sections[0].Fields.Select(entity.Find).OfType<Field>().ToList() : [];
        var texts = entity.OwnFields.Where(f => f.Type is LongTextFieldType or RichTextFieldType or FilesFieldType).Take(1);
        return [.. entity.OwnFields.Where(f => f == entity.TitleField || f.Definition.Required).Concat(first).Concat(texts).Distinct().Where(f => f.IsWritable && f.Name != SystemFields.Owner).Take(MostQuick)];
    }

    public static IEnumerable<Field> Fields(FormSection section, RecordDraft draft, Actor actor) =>
        section.Fields.Select(draft.Entity.Find).OfType<Field>()
            .Where(f => (!draft.IsNew || f.IsWritable || f.Type is AutonumberFieldType) && draft.IsVisible(f))
            // Of rows that one may not read, nothing is shown: what is not shown must not be written either.
            .Where(f => f.Type is not CollectionFieldType collection || Authority.May(actor, Operation.Read, collection.Child));
}
