using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Metadata;
using Shouldly;

namespace Crm.Tests.Schema;

/// <summary>One change of the metadata, as numbers from which everything else about it follows.</summary>
internal sealed record ChainStep(int Kind, int A, int B)
{
    public bool AllowDestructive => B % 3 == 0;
}

/// <summary>A field as the chain knows it; it stays the same field through renames and types.</summary>
internal sealed record ChainField(int Id, string Name, string Type, string? From = null, bool Unique = false, bool Indexed = false, bool Removed = false)
{
    public string? Target => Type.StartsWith("lookup:", StringComparison.Ordinal) ? Type[7..] : null;
}

internal sealed record ChainEntity(int Id, string Name, string? From, IReadOnlyList<ChainField> Fields)
{
    public IEnumerable<ChainField> Present => Fields.Where(f => !f.Removed);
}

/// <summary>
/// Takes a database through a chain of changes and keeps beside it what must be in it: which values are there after each change is worked
/// out here, from what the types mean, and never asked of the code under test.
/// </summary>
internal sealed class SchemaChain(ScratchDatabase database)
{
    private static readonly string[] Types = ["text", "integer", "decimal2", "decimal4", "boolean", "date", "dateTime", "choice", "money", "longText"];

    private List<ChainEntity> _entities = [];
    private Dictionary<Guid, (int Entity, Dictionary<int, object?> Values)> _rows = [];
    private int _last;

    public async Task RunAsync(ChainStep[] steps)
    {
        await ChangeAsync([New(0), New(1)], [], true);
        foreach (var step in steps)
        {
            await InsertAsync(step);
            var before = (_entities, _rows);
            var (entities, lost) = Change(step);
            if (entities is not null)
            {
                await ChangeAsync(entities, lost, step.AllowDestructive, before);
            }
        }
    }

    private ChainEntity New(int seed)
    {
        var id = ++_last;
        return new(id, $"e{id}", null, [new(++_last, "name", "text"), new(++_last, $"f{_last}", Types[seed % Types.Length])]);
    }

    /// <summary>The entities after a step, and how many values each field loses by it; null where the step does not apply.</summary>
    private (List<ChainEntity>? Entities, Dictionary<int, int> Lost) Change(ChainStep step)
    {
        var entity = _entities[step.A % _entities.Count];
        var present = entity.Present.Skip(1).ToList();
        var field = present.Count == 0 ? null : present[step.B % present.Count];
        var type = step.B % 5 == 0 ? "lookup:" + _entities[step.B % _entities.Count].Id.ToString(CultureInfo.InvariantCulture) : Types[(step.A + step.B) % Types.Length];
        switch (step.Kind)
        {
            case 0:
                return ([.. _entities, New(step.B)], []);
            case 1 when _entities.Count > 1:
                var doomed = entity.Id.ToString(CultureInfo.InvariantCulture);
                _rows = _rows.Where(r => r.Value.Entity != entity.Id).ToDictionary();
                return ([.. _entities.Where(e => e != entity).Select(e => e with { Fields = [.. e.Fields.Where(f => f.Target != doomed)] })], []);
            case 2:
                return (With(entity with { Name = $"e{++_last}", From = entity.Name }), []);
            case 3:
                return (With(entity, new ChainField(++_last, $"f{_last}", type)), []);
            case 4 when field is not null:
                return (With(entity, field, field with { Removed = true, Unique = false, Indexed = false }), []);
            case 5 when field is not null:
                return (With(entity, field, field with { Name = $"f{++_last}", From = field.Name }), []);
            case 6 or 7 when field is not null && field.Type != type:
                return Retype(entity, field, field with { Type = type });
            case 8 when field is not null:
                return (With(entity, field, field with { Indexed = !field.Indexed }), []);
            case 9 when field is not null:
                return (With(entity, field, field with { Unique = !field.Unique }), []);
            case 10 when entity.Fields.FirstOrDefault(f => f.Removed && (f.Target is null || _entities.Any(e => e.Id.ToString(CultureInfo.InvariantCulture) == f.Target))) is { } back:
                return (With(entity, back, back with { Removed = false }), []);
            case 11 when entity.Fields.FirstOrDefault(f => f.Removed && f.Type != type) is { } back:
                return Retype(entity, back, back with { Type = type, Removed = false });
            default:
                return (null, []);
        }
    }

    private (List<ChainEntity>, Dictionary<int, int>) Retype(ChainEntity entity, ChainField from, ChainField to)
    {
        var lost = 0;
        _rows = _rows.ToDictionary(r => r.Key, r =>
        {
            if (r.Value.Entity != entity.Id || r.Value.Values.GetValueOrDefault(from.Id) is not { } value)
            {
                return r.Value;
            }
            var (converted, exact) = Expect(value, from, to);
            lost += exact ? 0 : 1;
            return (entity.Id, new Dictionary<int, object?>(r.Value.Values) { [from.Id] = converted });
        });
        return (With(entity, from, to), new() { [from.Id] = lost });
    }

    private (object? Value, bool Exact) Expect(object value, ChainField from, ChainField to)
    {
        if (to.Target is { } target)
        {
            var id = value is Guid known ? known : Guid.TryParseExact(value as string, "D", out var parsed) ? parsed : Guid.Empty;
            return _rows.TryGetValue(id, out var row) && row.Entity.ToString(CultureInfo.InvariantCulture) == target ? (id, true) : (null, false);
        }
        var bare = value is Money money ? money.Amount : value;
        switch (to.Type)
        {
            case "text" or "longText" or "choice":
                return (bare switch
                {
                    decimal d => d.ToString("0.##########", CultureInfo.InvariantCulture),
                    bool b => b ? "true" : "false",
                    DateOnly d => d.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                    DateTimeOffset m => m.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture),
                    _ => Convert.ToString(bare, CultureInfo.InvariantCulture),
                }, true);
            case "integer" or "decimal2" or "decimal4" or "money" when bare is bool or long or decimal:
                var number = bare is bool yes ? (yes ? 1 : 0) : Convert.ToDecimal(bare, CultureInfo.InvariantCulture);
                var kept = decimal.Round(number, to.Type switch { "integer" => 0, "decimal2" => 2, _ => 4 });
                return (to.Type switch { "integer" => (long)kept, "money" => new Money(kept, "USD"), _ => (object)kept }, kept == number);
            case "boolean" when bare is long and (0 or 1):
                return (bare is 1L, true);
            case "dateTime" when bare is DateOnly day:
                return (new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero), true);
            case "date" when bare is DateTimeOffset moment:
                return (DateOnly.FromDateTime(moment.UtcDateTime), moment.UtcDateTime.TimeOfDay == TimeSpan.Zero);
            default:
                if (bare is not string text || TypeOf(to).FromText(text, TextFormat.Invariant).Value is not { } read)
                {
                    return bare.GetType() == TypeOf(to).ValueType ? (bare, true) : (null, false);
                }
                var scale = to.Type switch { "decimal2" => 2, _ => 4 };
                return read is decimal wide ? (decimal.Round(wide, scale), decimal.Round(wide, scale) == wide) : (read, true);
        }
    }

    private List<ChainEntity> With(ChainEntity changed) => [.. _entities.Select(e => e.Id == changed.Id ? changed : e)];

    private List<ChainEntity> With(ChainEntity entity, ChainField added) => With(entity with { Fields = [.. entity.Fields, added] });

    private List<ChainEntity> With(ChainEntity entity, ChainField from, ChainField to) => With(entity with { Fields = [.. entity.Fields.Select(f => f == from ? to : f)] });

    private async Task ChangeAsync(List<ChainEntity> entities, Dictionary<int, int> lost, bool allowDestructive, (List<ChainEntity>, Dictionary<Guid, (int, Dictionary<int, object?>)>)? before = null)
    {
        _entities = entities;
        var model = ScratchDatabase.Compile(Write);
        var plan = await database.PlanAsync(model);
        if (entities.SelectMany(e => e.Present.Where(f => f.Unique)).Any(HasDuplicates))
        {
            plan.Refusals.ShouldNotBeEmpty();
            await Should.ThrowAsync<ProblemException>(() => database.Database.ApplyAsync(SchemaOfModel.Derive(model), allowDestructive));
            (_entities, _rows) = before!.Value;
        }
        else
        {
            plan.Refusals.ShouldBeEmpty();
            plan.Steps.Where(s => s.Code == "columnNarrowed").Sum(s => s.Rows).ShouldBe(lost.Values.Sum());
            await database.ApplyAsync(model, allowDestructive);
            var rest = await database.PlanAsync();
            rest.IsEmpty.ShouldBeTrue(string.Join(", ", rest.Steps.Select(s => s.Code)));
            if (allowDestructive)
            {
                rest.Steps.ShouldBeEmpty();
                _entities = [.. _entities.Select(e => e with { Fields = [.. e.Present] })];
            }
        }
        await CompareAsync();
    }

    /// <summary>Every value is where it belongs, and the database itself has the columns and indexes that it is believed to have.</summary>
    private async Task CompareAsync()
    {
        foreach (var entity in _entities)
        {
            var of = database[entity.Name];
            var page = await database.Store.QueryAsync(new(of) { Limit = 1000, Fields = [.. of.Fields.Select(f => of.Resolve(f.Name)!)] }, Actor.Platform);
            page.Items.Select(i => i.Id).ShouldBe(_rows.Where(r => r.Value.Entity == entity.Id).Select(r => r.Key), ignoreOrder: true);
            foreach (var item in page.Items)
            {
                foreach (var field in entity.Present)
                {
                    item[page.IndexOf(field.Name)].ShouldBe(_rows[item.Id].Values.GetValueOrDefault(field.Id), $"{entity.Name}.{field.Name} ({field.Type})");
                }
                item[page.IndexOf("version")].ShouldBe(1L);
                item[page.IndexOf("created_at")].ShouldBe(database.Clock.GetUtcNow());
            }
        }
        var wanted = SchemaOfModel.Derive(database.Model).Tables;
        var (columns, indexes) = await database.CatalogAsync();
        wanted.SelectMany(t => t.Columns.Select(c => $"{t.Name}.{c.Name}")).Except(columns).ShouldBeEmpty();
        indexes.ShouldBe(wanted.SelectMany(t => t.Indexes).Select(i => i.Name), ignoreOrder: true);
    }

    private async Task InsertAsync(ChainStep step)
    {
        foreach (var entity in _entities)
        {
            for (var row = 0; row < 2; row++)
            {
                var values = entity.Present.ToDictionary(f => f.Id, f => Value(f, (step.A * 7) + (step.B * 3) + row + f.Id));
                try
                {
                    var record = await database.CreateAsync(entity.Name, [.. entity.Present.Where(f => values[f.Id] is not null).Select(f => (f.Name, values[f.Id]))]);
                    _rows[record.Id] = (entity.Id, values);
                }
                catch (ProblemException)
                {
                    // A value that is unique and there already.
                }
            }
        }
    }

    private object? Value(ChainField field, int seed)
    {
        if (field.Target is { } target)
        {
            var ids = _rows.Where(r => r.Value.Entity.ToString(CultureInfo.InvariantCulture) == target).Select(r => r.Key).Order().ToList();
            return ids.Count == 0 ? null : ids[seed % ids.Count];
        }
        object?[] pool = field.Type switch
        {
            "text" or "longText" => ["12", "abc", "1.5", "true", "2026-03-01", "2026-03-01T10:00:00Z", "Ünde", null, "0.123", "7"],
            "choice" => ["12", "abc", null],
            "integer" => [0L, 1L, 7L, -3L, null, 123456789L],
            "decimal2" => [0.25m, 12m, 1m, null, -7.5m],
            "decimal4" => [1.2345m, 2m, null, 0.5m],
            "boolean" => [true, false, null],
            "date" => [new DateOnly(2026, 3, 1), null, new DateOnly(1999, 12, 31)],
            "dateTime" => [new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2026, 3, 1, 23, 59, 59, TimeSpan.Zero), null],
            _ => [new Money(12.5m, "USD"), new Money(3m, "USD"), null],
        };
        return pool[seed % pool.Length];
    }

    private bool HasDuplicates(ChainField field) => _rows.Values.Where(r => r.Values.GetValueOrDefault(field.Id) is not null).GroupBy(r => r.Values[field.Id]).Any(g => g.Count() > 1);

    private static FieldType TypeOf(ChainField field) => ScratchDatabase.Compile(f => f.WithEntity("x", Json(field, _ => "x")))["x"][field.Name].Type;

    private void Write(MetadataFolder folder)
    {
        var names = _entities.Select(e => e.Name).ToHashSet();
        foreach (var entity in _entities)
        {
            var from = entity.From is not null && !names.Contains(entity.From) ? $"\"renamedFrom\": \"{entity.From}\", " : "";
            var indexes = string.Join(", ", entity.Present.Where(f => f.Indexed).Select(f => $"[\"{f.Name}\"]"));
            folder.WithEntity(entity.Name, string.Join(", ", entity.Present.Select(f => Json(f, id => _entities.First(e => e.Id.ToString(CultureInfo.InvariantCulture) == id).Name))), from + $"\"indexes\": [{indexes}]");
        }
    }

    private static string Json(ChainField field, Func<string, string> nameOf)
    {
        var type = field.Type switch
        {
            _ when field.Target is { } target => $"\"type\": \"lookup\", \"target\": \"{nameOf(target)}\"",
            "decimal2" => "\"type\": \"decimal\", \"scale\": 2",
            "decimal4" => "\"type\": \"decimal\", \"scale\": 4",
            "choice" => "\"type\": \"choice\", \"options\": [{\"value\": \"12\"}, {\"value\": \"abc\"}]",
            _ => $"\"type\": \"{field.Type}\"",
        };
        return $$"""{"name": "{{field.Name}}", {{type}}{{(field.Unique ? ", \"unique\": true" : "")}}{{(field.From is { } from ? $", \"renamedFrom\": \"{from}\"" : "")}}}""";
    }
}
