using System.Text.Json;

namespace Crm.Metadata;

/// <summary>Holds what an entity says of its fields, keys, form and views against the fields that there are.</summary>
internal static class EntityCheck
{
    /// <summary>What is wrong, each with the member of the entity's file where it stands.</summary>
    public static IEnumerable<(string Member, string Message)> Of(Entity entity, IReadOnlyDictionary<string, Entity> entities) =>
    [
        .. OfFields(entity), .. OfKeys(entity), .. OfDuplicates(entity), .. OfForm(entity, entities), .. OfViews(entity),
    ];

    private static IEnumerable<(string Member, string Message)> OfFields(Entity entity)
    {
        if (entity.Definition.TitleField is { } title && entity.Find(title) is null)
        {
            yield return ("titleField", $"There is no field '{title}'.");
        }
        foreach (var fault in entity.OwnFields.SelectMany(OfField).Concat(OfPaths(entity, "searchFields", entity.Definition.SearchFields)))
        {
            yield return fault;
        }
        if (entity.Definition.Template == EntityTemplate.Line && entity.Parent is null)
        {
            yield return ("template", "A line needs a lookup to the record that it belongs to, with onDelete 'cascade'.");
        }
    }

    private static IEnumerable<(string Member, string Message)> OfField(Field field)
    {
        var path = field.DefinedAt;
        if (field.Definition.DependsOn is { } master)
        {
            if (field.Type is not (IHasOptions or LookupFieldType))
            {
                yield return (path + ".dependsOn", "Only choices and lookups depend on another field.");
            }
            else if (field.Entity.Find(master) is not { IsStored: true } || master == field.Name)
            {
                yield return (path + ".dependsOn", $"There is no other stored field '{master}'.");
            }
            else if (field.Target is { } target && LookupDependency.Of(field) is null)
            {
                yield return (path + ".dependsOn", $"'{target.Name}' has no one field that goes with '{master}'; narrow the lookup with 'filter' instead.");
            }
        }
        else if (field.Type is IHasOptions choice && choice.Options.Any(o => o.For.Count > 0))
        {
            yield return (path + ".options", "Options say for which values they are offered, but no 'dependsOn' names the field.");
        }
        if (field.Definition.Unique && !field.IsStored)
        {
            yield return (path + ".unique", "Only stored values can be kept from occurring twice.");
        }
        if (field.Definition.Default is not null && field.Type is CollectionFieldType)
        {
            yield return (path + ".default", "Rows and links have no default.");
        }
        else if (field.Definition.Default is { ValueKind: not JsonValueKind.Null } value && !IsReference(value))
        {
            var parsed = field.Type.FromJson(value);
            if ((parsed.Fault ?? (parsed.Value is null ? null : field.Type.Validate(parsed.Value))) is { } fault)
            {
                yield return (path + ".default", $"The default is no value of the field ({fault.Code}).");
            }
        }
    }

    /// <summary>Whether a default stands for something that is known only when a record is made; whoever knows variables and paths checks those.</summary>
    private static bool IsReference(JsonElement value) => value.ValueKind == JsonValueKind.Object && (value.TryGetProperty("var", out _) || value.TryGetProperty("field", out _));

    private static IEnumerable<(string Member, string Message)> OfDuplicates(Entity entity)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < entity.Definition.Duplicates.Count; i++)
        {
            var rule = entity.Definition.Duplicates[i];
            if (!names.Add(rule.Name))
            {
                yield return ($"duplicates[{i}].name", $"The rule '{rule.Name}' occurs twice.");
            }
            if (rule.Match.Count == 0)
            {
                yield return ($"duplicates[{i}].match", "A rule needs at least one field.");
            }
            for (var m = 0; m < rule.Match.Count; m++)
            {
                if (entity.Find(rule.Match[m].Field) is not { IsStored: true } field)
                {
                    yield return ($"duplicates[{i}].match[{m}].field", $"There is no stored field '{rule.Match[m].Field}'.");
                }
                else if (rule.Match[m].How != MatchHow.Exact && field.Type is not TextualFieldType)
                {
                    yield return ($"duplicates[{i}].match[{m}].how", "Only text can be compared like this; use 'exact'.");
                }
            }
        }
    }

    private static IEnumerable<(string Member, string Message)> OfKeys(Entity entity) =>
        from keys in new[] { (Member: "unique", Sets: entity.Definition.Unique), (Member: "indexes", Sets: entity.Definition.Indexes) }
        from set in keys.Sets.Index()
        from name in set.Item
        where entity.Find(name) is not { IsStored: true }
        select ($"{keys.Member}[{set.Index}]", $"There is no stored field '{name}'.");

    private static IEnumerable<(string Member, string Message)> OfForm(Entity entity, IReadOnlyDictionary<string, Entity> entities)
    {
        var form = entity.Form;
        var named = form.Sections.Index().SelectMany(s => OfPaths(entity, $"form.sections[{s.Index}].fields", s.Item.Fields))
            .Concat(OfPaths(entity, "form.highlights", form.Highlights)).Concat(OfPaths(entity, "form.quick", form.Quick));
        foreach (var fault in named)
        {
            yield return fault;
        }
        if (form.Stages is { } stages && entity.Find(stages)?.Type is not ChoiceFieldType)
        {
            yield return ("form.stages", $"'{stages}' is no choice field of '{entity.Name}'.");
        }
        for (var i = 0; i < form.Related.Count; i++)
        {
            if (form.Related[i].Split('.') is not [var other, var lookup] || entities.GetValueOrDefault(other)?.Find(lookup)?.Targets.Contains(entity) != true)
            {
                yield return ($"form.related[{i}]", $"'{form.Related[i]}' is no lookup that points to '{entity.Name}'; write entity.lookup.");
            }
        }
    }

    private static IEnumerable<(string Member, string Message)> OfViews(Entity entity)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < entity.Views.Count; i++)
        {
            if (!names.Add(entity.Views[i].Name))
            {
                yield return ($"views[{i}].name", $"The view '{entity.Views[i].Name}' occurs twice.");
            }
            foreach (var (member, message) in ViewCheck.Of(entity.Views[i], entity))
            {
                yield return ($"views[{i}].{member}", message);
            }
        }
    }

    private static IEnumerable<(string Member, string Message)> OfPaths(Entity entity, string member, IReadOnlyList<string> paths)
    {
        for (var i = 0; i < paths.Count; i++)
        {
            if (entity.Resolve(paths[i]) is null)
            {
                yield return ($"{member}[{i}]", $"'{paths[i]}' leads to no field of '{entity.Name}'.");
            }
        }
    }
}
