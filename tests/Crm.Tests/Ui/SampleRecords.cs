using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Tests.Records;

namespace Crm.Tests.Ui;

/// <summary>Records of any entity with something in every field that can hold something, made of <see cref="FieldSamples"/>.</summary>
internal static class SampleRecords
{
    /// <summary>A record as a form gets it; what it points to need not be there.</summary>
    public static Record Full(Entity entity)
    {
        var record = new Record(entity);
        foreach (var field in entity.OwnFields)
        {
            record[field] = ValueOf(field);
        }
        return record;
    }

    /// <summary>What lookups of a record could be called.</summary>
    public static IReadOnlyDictionary<string, string> Titles(Record record) =>
        record.Entity.Fields.Where(f => f.Targets.Count > 0 && record[f] is not null).ToDictionary(f => f.Name, f => f.Target?.Label.ToString() ?? "Other", StringComparer.Ordinal);

    /// <summary>Writes one record of each entity that people may write, those that others need first, with all values that the database can keep by themselves.</summary>
    public static async Task SaveAsync(TestStore store, IReadOnlyList<Entity> entities)
    {
        var saved = new Dictionary<Entity, Guid>();
        var waiting = entities.Where(e => !e.IsSystem).ToList();
        while (waiting.Find(e => Needed(e).All(saved.ContainsKey)) is { } next)
        {
            waiting.Remove(next);
            var values = next.OwnFields.Where(f => f.IsWritable).Select(f => new FieldValue(f, Kept(f, saved))).Where(v => v.Value is not null).ToArray();
            saved[next] = (await store.Store.CreateAsync(next, values, Actor.Platform, Door.Platform)).Id;
        }
        if (waiting.Count > 0)
        {
            throw new InvalidOperationException($"These need each other in a circle: {string.Join(", ", waiting)}.");
        }
    }

    private static IEnumerable<Entity> Needed(Entity entity) => entity.OwnFields.Where(f => (f.Definition.Required || f.Definition.RequiredWhen is not null) && f.Target is not null && f.Target != entity).Select(f => f.Target!);

    private static object? Kept(Field field, Dictionary<Entity, Guid> saved) => field.Type switch
    {
        LookupFieldType lookup => lookup.Filter is null && saved.TryGetValue(field.Target!, out var id) ? id : null,
        AnyLookupFieldType any => any.Entities.FirstOrDefault(saved.ContainsKey) is { } target ? new Reference(target.Name, saved[target]) : null,
        FileBasedFieldType or CollectionFieldType => null,
        _ => ValueOf(field),
    };

    private static object? ValueOf(Field field) => field.Type switch
    {
        JsonFieldType { Editor: "condition" } => Read(field.Type, """{"all": []}"""),
        RollupFieldType rollup => Sample(rollup.Result),
        RowsFieldType => Items(field, "[{}]"),
        LinksFieldType => Items(field, $$"""[{"id": "{{FieldSamples.TargetId(1)}}"}]"""),
        AutonumberFieldType => "N-0001",
        AnyLookupFieldType any => new Reference(any.Entities[0].Name, FieldSamples.TargetId(1)),
        IHasOptions choice => field.Type is ChoiceFieldType ? choice.Options[0].Value : new TextSet(choice.Options.Select(o => o.Value)),
        _ => Sample(field.Type) ?? throw new InvalidOperationException($"No sample fits {field}."),
    };

    private static ItemList Items(Field field, string json) => (ItemList)Read(field.Type, json)!;

    /// <summary>The first of the type's values that its options allow, else one that is small.</summary>
    private static object? Sample(FieldType type)
    {
        var name = type is ContactListFieldType ? type.Name + ":multiple" : type.Name;
        // The first and the last days that there are would stretch a calendar over all of history.
        var values = FieldSamples.Find(name).Values.Skip(type is TemporalFieldType ? 2 : 0);
        return values.Append("1").Append("2000").Append("\"EUR\"").Select(json => Read(type, json)).FirstOrDefault(value => value is not null && type.Validate(value) is null);
    }

    private static object? Read(FieldType type, string json)
    {
        using var document = JsonDocument.Parse(json);
        return type.FromJson(document.RootElement).Value;
    }
}
