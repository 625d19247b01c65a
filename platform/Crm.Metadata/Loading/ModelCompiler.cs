using System.Text.Json;
using System.Text.RegularExpressions;

namespace Crm.Metadata;

/// <summary>Turns what the files say into a Model: binds options, links lookups, checks every reference, and reports what is wrong where it stands.</summary>
internal sealed partial class ModelCompiler(MetadataFiles files, Registry<FieldTypeAttribute, FieldType> fieldTypes)
{
    private const int MaxRollupDepth = 8;

    private readonly List<MetadataProblem> _problems = [.. files.Problems];

    /// <summary>Collections that lead nowhere; they are known only once everything else is compiled, so it is compiled again without them.</summary>
    private readonly Dictionary<FieldDefinition, MetadataProblem> _leftOut = new(ReferenceEqualityComparer.Instance);

    public Model Compile(long version)
    {
        while (true)
        {
            var (known, entities) = (_leftOut.Count, CompileEntities());
            if (_leftOut.Count == known)
            {
                return Model.Create(entities.Values, files, [.. _problems, .. _leftOut.Values.Select(InItsLayer)], version);
            }
            _problems.Clear();
            _problems.AddRange(files.Problems);
        }
    }

    private Dictionary<string, Entity> CompileEntities()
    {
        var entities = new Dictionary<string, Entity>(StringComparer.Ordinal);
        foreach (var (name, (file, definition)) in files.Entities)
        {
            if (!NamePattern().IsMatch(name))
            {
                Report(file, "name", $"'{name}' is no valid name: [a-z][a-z0-9_]*, at most 40 characters.");
                continue;
            }
            if (definition.Storage == EntityStorage.System && !SystemEntities.Names.Contains(name))
            {
                Report(file, "storage", $"The platform has no table '{name}'. It has: {string.Join(", ", SystemEntities.Names)}.");
                continue;
            }
            CheckFormerNames(file, "renamedFrom", definition.RenamedFrom, files.Entities.ContainsKey, "an entity");
            entities[name] = new(definition, entity => CompileFields(file, definition, entity));
        }
        var byEntity = files.Entities.ToDictionary(e => e.Key, e => e.Value.File, StringComparer.Ordinal);
        CompileLinks(entities, byEntity);
        LinkLookups(entities, byEntity);
        LinkCollections(entities, byEntity);
        LinkRollups(entities, byEntity);
        foreach (var entity in entities.Values)
        {
            if (entity.LinkOf is null)
            {
                LinkSearch(entity);
            }
            Report(byEntity[entity.Name], EntityCheck.Of(entity, entities));
        }
        CheckViewFiles(entities);
        foreach (var (file, menu) in files.Menus.Values)
        {
            Report(file, MenuCheck.Of(menu, entities));
        }
        return entities;
    }

    private List<Field> CompileFields(string file, EntityDefinition definition, Entity entity, string member = "fields", int first = 0)
    {
        var fields = new List<Field>();
        foreach (var system in SystemFields.Definitions)
        {
            FieldType type = system.Name switch
            {
                SystemFields.Id => new LookupFieldType { Target = definition.Name },
                SystemFields.Owner => new UserFieldType { Teams = true },
                SystemFields.Unit => new LookupFieldType { Target = "unit", OnDelete = OnDelete.Clear },
                _ => (FieldType)Activator.CreateInstance(fieldTypes.Find(system.Type)!)!,
            };
            type.Name = system.Type;
            fields.Add(new(entity, fields.Count, system, type, isSystem: true));
        }
        var names = new HashSet<string>(SystemFields.Names, StringComparer.Ordinal);
        for (var i = 0; i < definition.Fields.Count; i++)
        {
            var path = $"{member}[{i - first}]";
            var field = definition.Fields[i];
            if (!NamePattern().IsMatch(field.Name))
            {
                Report(file, path + ".name", $"'{field.Name}' is no valid name: [a-z][a-z0-9_]*, at most 40 characters.");
            }
            else if (!names.Add(field.Name))
            {
                Report(file, path + ".name", SystemFields.Names.Contains(field.Name) ? $"Every entity already has a field '{field.Name}'." : $"The field '{field.Name}' occurs twice.");
            }
            else if (!_leftOut.ContainsKey(field) && BindType(file, path, field, definition) is { } type)
            {
                CheckFormerNames(file, path + ".renamedFrom", field.RenamedFrom, former => SystemFields.Names.Contains(former) || definition.Fields.Any(f => f.Name == former), "a field");
                fields.Add(new(entity, fields.Count, field, type, isSystem: false));
            }
        }
        return fields;
    }

    /// <summary>A name that is in use again cannot tell where data came from: it would be taken away from what bears it now.</summary>
    private void CheckFormerNames(string file, string path, IReadOnlyList<string>? names, Func<string, bool> inUse, string what)
    {
        foreach (var name in names ?? [])
        {
            if (inUse(name))
            {
                Report(file, path, $"'{name}' is the name of {what} that there is; remove it from renamedFrom, or publish the other change first.");
            }
            else if (!NamePattern().IsMatch(name))
            {
                Report(file, path, $"'{name}' is no valid name: [a-z][a-z0-9_]*, at most 40 characters.");
            }
        }
    }

    private FieldType? BindType(string file, string path, FieldDefinition field, EntityDefinition owner, int depth = 0)
    {
        if (fieldTypes.Find(field.Type) is not { } clrType)
        {
            Report(file, path + ".type", $"There is no field type '{field.Type}'. Known: {string.Join(", ", fieldTypes.Names)}.");
            return null;
        }
        try
        {
            var type = (FieldType)JsonSerializer.SerializeToElement(field.Options, MetadataFiles.Json).Deserialize(clrType, MetadataFiles.Json)!;
            type.Name = field.Type;
            type = type.Bind(files.Organisation);
            type.Name = field.Type;
            var faults = type.CheckOptions().ToList();
            if (type is RollupFieldType rollup && faults.Count == 0 && BindRollup(owner, rollup, depth) is { } fault)
            {
                faults.Add(fault);
            }
            faults.ForEach(fault => Report(file, path, fault));
            return faults.Count == 0 ? type : null;
        }
        catch (JsonException e)
        {
            Report(file, path + (e.Path is { Length: > 1 } inner ? inner[1..] : ""), JsonMessage.Clean(e));
            return null;
        }
    }

    /// <summary>
    /// What a rollup yields has to be known before the entities are compiled, because columns follow from it: it is found in the files.
    /// </summary>
    /// <returns>Why there is no result.</returns>
    private string? BindRollup(EntityDefinition owner, RollupFieldType rollup, int depth)
    {
        if (depth > MaxRollupDepth)
        {
            return "rollups go round in a circle.";
        }
        if (SourceOf(owner, rollup.Source) is not { } source)
        {
            return $"'{rollup.Source}' is no source; write entity.lookup, entity.links, or the name of a field of rows or links.";
        }
        if (rollup.Function is RollupFunction.Count or RollupFunction.CountDistinct)
        {
            rollup.Result = new IntegerFieldType { Name = "integer" };
            return rollup.Field is null || source.Fields.Any(f => f.Name == rollup.Field) ? null : $"the source has no field '{rollup.Field}'.";
        }
        if (source.Fields.FirstOrDefault(f => f.Name == rollup.Field) is not { } over || fieldTypes.Find(over.Type) is null)
        {
            return $"the source has no field '{rollup.Field}'.";
        }
        var reported = _problems.Count;
        var result = BindType("", "", over, source, depth + 1);
        _problems.RemoveRange(reported, _problems.Count - reported);
        result = result is RollupFieldType { Result: { } inner } ? inner : result;
        var sums = rollup.Function is RollupFunction.Sum or RollupFunction.Avg;
        if (result is null || (sums ? !result.IsNumeric : result is not OrderedFieldType))
        {
            return $"'{rollup.Field}' has no {(sums ? "sum" : "order")}.";
        }
        rollup.Result = rollup.Function == RollupFunction.Avg && result is IntegerFieldType ? new DecimalFieldType { Name = "decimal" } : result;
        return null;
    }

    private EntityDefinition? SourceOf(EntityDefinition owner, string source)
    {
        if (owner.Fields.FirstOrDefault(f => f.Name == source) is { } collection)
        {
            return collection.Type switch
            {
                "rows" when collection.Options.TryGetValue("target", out var target) => files.Entities.GetValueOrDefault(target.ToString()).Definition,
                "links" when collection.Options.TryGetValue("columns", out var columns) => new() { Name = owner.Name + "." + source, Fields = columns.Deserialize<List<FieldDefinition>>(MetadataFiles.Json) ?? [] },
                "links" => new() { Name = owner.Name + "." + source, Fields = [] },
                _ => null,
            };
        }
        if (source.Split('.') is not [var entity, var lookup] || files.Entities.GetValueOrDefault(entity).Definition is not { } definition || definition.Fields.FirstOrDefault(f => f.Name == lookup) is not { } from)
        {
            return null;
        }
        return from.Type == "links" ? SourceOf(definition, lookup) : definition;
    }

    private void LinkRollups(Dictionary<string, Entity> entities, Dictionary<string, string> fileOf)
    {
        foreach (var field in entities.Values.SelectMany(e => e.OwnFields))
        {
            if (field.Type is not RollupFieldType rollup)
            {
                continue;
            }
            var through = field.Entity.Find(rollup.Source)?.Type is CollectionFieldType { Parent: { } parent } ? parent
                : rollup.Source.Split('.') is [var entity, var lookup] && entities.GetValueOrDefault(entity)?.Find(lookup) is { } found ? found.Type is LinksFieldType { Child: { } links } ? links[LinksFieldType.TargetName] : found
                : null;
            if (through?.Target == field.Entity && (rollup.Field is null || through.Entity.Find(rollup.Field) is not null))
            {
                rollup.Through = through;
                if (rollup.Deep && (through.Entity != field.Entity || through != field.Entity.TreeField))
                {
                    _leftOut[field.Definition] = new(fileOf[field.Entity.Name], field.DefinedAt + ".deep", $"'{rollup.Source}' makes no tree of '{field.Entity.Name}'.");
                }
            }
            else
            {
                _leftOut[field.Definition] = new(fileOf[field.Entity.Name], field.DefinedAt + ".source", $"'{rollup.Source}' is no lookup that points to '{field.Entity.Name}'.");
            }
        }
    }

    /// <summary>Links are records of an entity of their own: two lookups and the columns.</summary>
    private void CompileLinks(Dictionary<string, Entity> entities, Dictionary<string, string> fileOf)
    {
        foreach (var field in entities.Values.SelectMany(e => e.OwnFields).Where(f => f.Type is LinksFieldType).ToList())
        {
            var links = (LinksFieldType)field.Type;
            if (!entities.ContainsKey(links.Target))
            {
                continue;
            }
            var definition = new EntityDefinition
            {
                Name = $"{field.Entity.Name}.{field.Name}",
                RenamedFrom = FormerNames(field),
                Label = field.Label,
                Fields =
                [
                    Lookup(LinksFieldType.SourceName, field.Entity.Name, field.Entity.Label),
                    Lookup(LinksFieldType.TargetName, links.Target, entities[links.Target].Label),
                    .. links.Columns,
                ],
                Unique = [[LinksFieldType.SourceName, LinksFieldType.TargetName]],
            };
            var file = fileOf[definition.Name] = fileOf[field.Entity.Name];
            entities[definition.Name] = new(definition, entity => CompileFields(file, definition, entity, field.DefinedAt + ".columns", first: LinksFieldType.ImpliedFields)) { LinkOf = field };
        }

        static FieldDefinition Lookup(string name, string target, Label label) => new()
        {
            Name = name,
            Type = "lookup",
            Label = label,
            Required = true,
            Options = new Dictionary<string, JsonElement>
            {
                ["target"] = JsonSerializer.SerializeToElement(target),
                ["onDelete"] = JsonSerializer.SerializeToElement(OnDelete.Cascade),
            },
        };
    }

    /// <summary>What the links of a collection were called when the entity, the field or both had other names.</summary>
    private static List<string> FormerNames(Field field)
    {
        IEnumerable<string> owners = [field.Entity.Name, .. field.Entity.Definition.RenamedFrom ?? []];
        IEnumerable<string> fields = [field.Name, .. field.Definition.RenamedFrom ?? []];
        return [.. owners.SelectMany(owner => fields.Select(name => $"{owner}.{name}")).Skip(1)];
    }

    private void LinkCollections(Dictionary<string, Entity> entities, Dictionary<string, string> fileOf)
    {
        foreach (var entity in entities.Values)
        {
            entity.Others = entities;
            foreach (var field in entity.OwnFields)
            {
                if (field.Type is not CollectionFieldType collection)
                {
                    continue;
                }
                if (!entities.TryGetValue(collection.Target, out var target))
                {
                    LeaveOut(".target", $"There is no entity '{collection.Target}'.");
                }
                else if (collection is LinksFieldType)
                {
                    collection.Child = entities[$"{entity.Name}.{field.Name}"];
                    collection.Parent = collection.Child[LinksFieldType.SourceName];
                    collection.Parent.OwnedBy = field;
                }
                else if (collection is RowsFieldType { Position: { } position } && target.Find(position)?.Type is not IntegerFieldType)
                {
                    LeaveOut(".position", $"'{target.Name}' has no whole-number field '{position}'.");
                }
                else if (collection is RowsFieldType { Logs: { } logs } && (entity.Find(logs) is not { IsStored: true } logged || target.Find(logs)?.Type.Name != logged.Type.Name))
                {
                    LeaveOut(".logs", $"'{logs}' is no stored field that '{entity.Name}' and '{target.Name}' both have.");
                }
                else if (BackLookup(target, entity, ((RowsFieldType)collection).Via) is { } back)
                {
                    (collection.Child, collection.Parent) = (target, back);
                    back.OwnedBy = field;
                }
                else
                {
                    LeaveOut("", $"'{target.Name}' needs one lookup that points to '{entity.Name}'; where there are several, 'via' names it.");
                }

                void LeaveOut(string member, string message) => _leftOut[field.Definition] = new(fileOf[entity.Name], field.DefinedAt + member, message);
            }
        }
    }

    private static Field? BackLookup(Entity target, Entity owner, string? via)
    {
        var candidates = target.OwnFields.Where(f => f.Target == owner && (via is null || f.Name == via)).ToList();
        return candidates.Count == 1 ? candidates[0] : null;
    }

    private void LinkLookups(Dictionary<string, Entity> entities, Dictionary<string, string> fileOf)
    {
        foreach (var entity in entities.Values)
        {
            foreach (var field in entity.Fields)
            {
                if (field.Type is AnyLookupFieldType any)
                {
                    LinkAny(any, field, entities, fileOf);
                }
                if (field.Type is not LookupFieldType lookup || field.Name == SystemFields.Id)
                {
                    continue;
                }
                if (entities.TryGetValue(lookup.Target, out var target))
                {
                    field.Target = target;
                    if (lookup is UserFieldType { Teams: true } && entities.TryGetValue("team", out var team))
                    {
                        field.OtherTarget = team;
                        target.InPlace = [team];
                    }
                }
                else if (!field.IsSystem)
                {
                    Report(fileOf[entity.Name], field.DefinedAt + ".target", $"There is no entity '{lookup.Target}'.");
                }
            }
        }
    }

    private void LinkAny(AnyLookupFieldType any, Field field, Dictionary<string, Entity> entities, Dictionary<string, string> fileOf)
    {
        for (var i = 0; i < any.Targets.Count; i++)
        {
            if (entities.GetValueOrDefault(any.Targets[i]) is not { LinkOf: null })
            {
                Report(fileOf[field.Entity.Name], $"{field.DefinedAt}.targets[{i}]", $"There is no entity '{any.Targets[i]}'.");
            }
        }
        any.Entities = [.. entities.Values.Where(e => e.LinkOf is null && (any.Targets.Count == 0 || any.Targets.Contains(e.Name))).OrderBy(e => e.Name, StringComparer.Ordinal)];
    }

    private static void LinkSearch(Entity entity)
    {
        var named = entity.Definition.SearchFields.Select(entity.Resolve).Where(p => p?.Field.Type.TextPart >= 0).Select(p => p!).Distinct().ToList();
        entity.SearchPaths = named.Count > 0 ? named : entity.TitleField is { Type.TextPart: >= 0 } title ? [new([title])] : [];
        foreach (var path in entity.SearchPaths)
        {
            path.Field.IsSearched = !path.Field.Entity.IsSystem;
        }
    }

    /// <summary>A view of a file of its own joins those of its entity; one whose entity is missing, or whose name is taken there, is left out.</summary>
    private void CheckViewFiles(Dictionary<string, Entity> entities)
    {
        foreach (var (file, view) in files.Views.Values)
        {
            if (!entities.TryGetValue(view.Entity, out var entity))
            {
                Report(file, "entity", $"There is no entity '{view.Entity}'.");
                continue;
            }
            if (entity.Views.Any(v => v.Name == view.Name))
            {
                Report(file, "name", $"The entity '{view.Entity}' has a view '{view.Name}' in its own file.");
                continue;
            }
            Report(file, ViewCheck.Of(view, entity));
            entity.Views = [.. entity.Views, view];
        }
    }

    private void Report(string file, IEnumerable<(string Member, string Message)> faults)
    {
        foreach (var (member, message) in faults)
        {
            Report(file, member, message);
        }
    }

    private void Report(string file, string path, string message) => _problems.Add(InItsLayer(new(file, path, message)));

    private MetadataProblem InItsLayer(MetadataProblem problem) => problem with { Layer = files.LayerOf(problem.File) };

    [GeneratedRegex("^[a-z][a-z0-9_]{0,39}$", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NamePattern();
}
