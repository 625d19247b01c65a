using System.Globalization;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Lists;
using Crm.Ui.Shell;

namespace Crm.Ui.Calendars;

/// <summary>Reads the entries of calendars and moves them, in the time zone of the person who looks.</summary>
public sealed class CalendarSource(RecordStore store, CurrentActor current, FieldText words, UiText texts)
{
    /// <summary>More in one period than anybody can read.</summary>
    private const int Most = 1_000;

    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(30);

    /// <summary>The entries that touch the days from <paramref name="first"/> to <paramref name="last"/>; one query.</summary>
    /// <exception cref="ProblemException">The actor may not read them.</exception>
    public async Task<IReadOnlyList<CalendarEntry>> ReadAsync(CalendarLayer layer, DateOnly first, DateOnly last, Condition filter, string? search, CancellationToken cancellationToken)
    {
        var entity = layer.Entity;
        var query = new RecordQuery(entity)
        {
            Filter = Condition.And(filter, Within(layer, first, last)), Search = search,
            Fields = Fields(layer),
            Sort = [new(new([layer.Start]), Descending: false)], Limit = Most,
        };
        var page = await store.QueryAsync(query, current.Actor, cancellationToken);
        return [.. page.Items.Select(row => Entry(layer, page, row))];
    }

    /// <summary>What has to be read of a record for its entry.</summary>
    public IReadOnlyList<FieldPath> Fields(CalendarLayer layer)
    {
        var (entity, owner) = (layer.Entity, OwnerOf(layer.Entity));
        var fields = new[] { layer.Start, layer.End, layer.AllDay, layer.Color, entity.TitleField }.OfType<Field>().Where(f => f != owner.Path.Field).Distinct();
        return ListColumn.Paths([.. fields.Select(f => new ListColumn(new([f]), null, null)), owner]);
    }

    /// <summary>Gives an entry other times.</summary>
    /// <returns>The change, so that it can be taken back.</returns>
    /// <exception cref="ProblemException">It was refused.</exception>
    public async Task<Guid> MoveAsync(CalendarEntry entry, DateTime start, DateTime end, bool allDay, CancellationToken cancellationToken = default)
    {
        var layer = entry.Layer;
        List<FieldValue> values = [new(layer.Start, ValueOf(layer.Start, start))];
        if (layer.End is { IsWritable: true } endField && (entry.HasEnd || end - start != entry.End - entry.Start))
        {
            values.Add(new(endField, ValueOf(endField, end)));
        }
        if (layer.AllDay is { IsWritable: true } flag && allDay != entry.IsAllDay)
        {
            values.Add(new(flag, allDay));
        }
        return (await store.WriteAsync(new(current.Actor, Door.Form, [RecordChange.Update(layer.Entity, entry.Id, values, expectedVersion: null)]), cancellationToken))[0].ChangeSet;
    }

    /// <summary>A blank form for an entry at this time.</summary>
    public string NewAddress(CalendarLayer layer, DateTime start, DateTime end, bool allDay)
    {
        var query = new List<string> { Part(layer.Start, start) };
        if (layer.End is { } endField)
        {
            query.Add(Part(endField, end));
        }
        if (layer.AllDay is { } flag && allDay)
        {
            query.Add($"{flag.Name}=true");
        }
        return $"{Addresses.New(layer.Entity)}?{string.Join('&', query)}";

        string Part(Field field, DateTime time) => $"{field.Name}={Uri.EscapeDataString(ValueOf(field, time) switch
        {
            DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            DateTimeOffset moment => moment.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
            _ => "",
        })}";
    }

    public DateTime Local(DateTimeOffset moment) => words.Local(moment);

    private static Condition Within(CalendarLayer layer, DateOnly first, DateOnly last, Func<Field, DateOnly, object> at)
    {
        var start = new FieldPath([layer.Start]);
        Condition begins = Condition.And(
            new Comparison(start, ConditionOperator.Ge, new Constants([at(layer.Start, first)])), new Comparison(start, ConditionOperator.Lt, new Constants([at(layer.Start, last.AddDays(1))])));
        return layer.End is not { } end ? begins : new AnyOf(
        [
            begins,
            Condition.And(new Comparison(start, ConditionOperator.Lt, new Constants([at(layer.Start, first)])), new Comparison(new([end]), ConditionOperator.Ge, new Constants([at(end, first)]))),
        ]);
    }

    /// <summary>What touches these days.</summary>
    public Condition Within(CalendarLayer layer, DateOnly first, DateOnly last) => Within(layer, first, last, (field, day) => ValueOf(field, day.ToDateTime(TimeOnly.MinValue))!);

    /// <summary>A time of the person as the field holds it. One that the clocks skip is an hour later.</summary>
    private object? ValueOf(Field field, DateTime local)
    {
        if (field.Type is DateFieldType)
        {
            return DateOnly.FromDateTime(local);
        }
        var zone = current.Actor.TimeZone;
        var time = DateTime.SpecifyKind(zone.IsInvalidTime(local) ? local.AddHours(1) : local, DateTimeKind.Unspecified);
        return new DateTimeOffset(time, zone.GetUtcOffset(time)).ToUniversalTime();
    }

    /// <summary>The entry of a record that was read with <see cref="Fields"/>.</summary>
    public CalendarEntry Entry(CalendarLayer layer, RecordPage page, RecordRow row)
    {
        var owner = OwnerOf(layer.Entity);
        var start = Time(Value(layer.Start))!.Value;
        var given = layer.End is null ? null : Time(Value(layer.End));
        var end = given is { } e && e > start ? e : layer.IsByDay ? start : start + Usual;
        var color = layer.Color is null ? null : Value(layer.Color);
        var option = layer.Color?.Type is ChoiceFieldType choice && color is string value ? choice.Options.FirstOrDefault(o => o.Value == value) : null;
        var title = layer.Entity.TitleField is { } field && Value(field) is { } text ? words.Of(field, text) : texts["lookup.untitled"];
        return new(layer, row.Id, title, start, end, layer.IsByDay || (layer.AllDay is { } flag && Value(flag) is true), given is not null)
        {
            Color = option?.Color ?? color as string, State = option?.Text.ToString(), Person = owner.TitleIn(page, row),
        };

        object? Value(Field f) => page.IndexOf(f.Name) is >= 0 and var at ? row[at] : null;
    }

    private static ListColumn OwnerOf(Entity entity) => ListColumn.Of(new([entity[SystemFields.Owner]]));

    private DateTime? Time(object? value) => value switch
    {
        DateOnly day => day.ToDateTime(TimeOnly.MinValue),
        DateTimeOffset moment => words.Local(moment),
        _ => null,
    };
}
