using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>What every field type promises, tried with every type that the registry knows.</summary>
public sealed class FieldTypeBatteryTests
{
    public static TheoryData<string> Types => FieldTypeSamples.Names;

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_stored_value_comes_back_as_it_was(string type)
    {
        await using var store = await OpenAsync(type);
        var field = store["thing"]["value"];
        foreach (var json in FieldTypeSamples.ValuesOf(type))
        {
            var value = FieldTypeSamples.Parse(field, json);
            var created = await store.CreateAsync("thing", new FieldValue(field, value));

            var stored = (await store.GetAsync(created))[field];

            stored.ShouldBeOfType(field.Type.ValueType);
            if (value is Secret)
            {
                continue;
            }
            Same(field, stored, value).ShouldBeTrue($"{json} came back as {stored}");
            Same(field, created[field], value).ShouldBeTrue();
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task An_empty_value_comes_back_empty_and_a_value_can_be_emptied(string type)
    {
        await using var store = await OpenAsync(type);
        var field = store["thing"]["value"];
        Assert.SkipWhen(field.Type.IsComputed, "The platform itself gives values of this type.");
        var empty = await store.CreateAsync("thing", """{"value": null}""");
        var full = await store.CreateAsync("thing", new FieldValue(field, FieldTypeSamples.Parse(field, FieldTypeSamples.ValuesOf(type)[0])));

        await store.UpdateAsync(full, """{"value": null}""");

        (await store.GetAsync(empty))[field].ShouldBeNull();
        (await store.GetAsync(full))[field].ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_value_survives_being_written_as_json_and_read_again(string type)
    {
        await using var store = await OpenAsync(type);
        var field = store["thing"]["value"];
        foreach (var value in FieldTypeSamples.ValuesOf(type).Select(json => FieldTypeSamples.Parse(field, json)))
        {
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer))
            {
                field.Type.WriteJson(writer, value!);
            }

            var again = field.Type.FromJson(JsonElement.Parse(buffer.WrittenSpan));

            again.Fault.ShouldBeNull();
            if (value is Secret)
            {
                again.Value.ShouldBe(Secret.Mark);
                continue;
            }
            field.Type.AreEqual(again.Value, value).ShouldBeTrue($"{value} became {again.Value}");
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_value_that_is_shown_can_be_typed_in_again(string type)
    {
        await using var store = await OpenAsync(type);
        var field = store["thing"]["value"];
        Assert.SkipWhen(field.Type is FileBasedFieldType, "Files are chosen and not typed.");
        foreach (var value in FieldTypeSamples.ValuesOf(type).Select(json => FieldTypeSamples.Parse(field, json)))
        {
            var text = field.Type.ToText(value!, CultureInfo.InvariantCulture);

            var again = field.Type.FromText(text, TextFormat.Invariant);

            // A person reads fewer digits than are kept; typing in what one reads gives what one reads.
            again.Fault.ShouldBeNull($"'{text}' is not understood");
            field.Type.ToText(again.Value!, CultureInfo.InvariantCulture).ShouldBe(text);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Each_operator_selects_in_sql_what_it_selects_in_memory(string type)
    {
        await using var store = await OpenAsync(type);
        var field = store["thing"]["value"];
        var records = await FillAsync(store, type);
        foreach (var op in field.Type.Operators.Where(op => op != ConditionOperator.Under || field.TreeField is not null))
        {
            foreach (var json in FieldTypeSamples.ValuesOf(type).DefaultIfEmpty(JsonElement.Parse("\"N-0001\"")).Select(json => OperandOf(field, op, json)))
            {
                var condition = ConditionReader.Read(ConditionText(op, json), store["thing"]);
                foreach (var asked in new[] { condition, new Not(condition) })
                {
                    var expected = records.Where(r => ConditionEvaluator.Holds(asked, path => r[path.Field], Actor.Platform.ScopeAt(store.Clock.GetUtcNow()))).Select(r => r.Id);

                    var page = await store.QueryAsync(new(store["thing"]) { Filter = asked, Limit = 1000, Fields = [] });

                    page.Items.Select(i => i.Id).ShouldBe(expected, ignoreOrder: true, $"{asked}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Sql_sorts_as_the_type_compares_with_empty_values_last_and_backwards_first(string type)
    {
        await using var store = await OpenAsync(type);
        var field = store["thing"]["value"];
        if (!field.Type.IsSortable)
        {
            (await Should.ThrowAsync<ProblemException>(() => store.QueryAsync("thing", sort: "value"))).Problems[0].Code.ShouldBe("sort.field");
            return;
        }
        var records = await FillAsync(store, type);
        var upwards = records.OrderBy(r => r[field] is null).ThenBy(r => r[field], Comparer<object?>.Create((l, r) => l is null || r is null ? 0 : field.Type.Compare(l, r))).ThenBy(r => r.Id).ToList();

        (await store.QueryAsync("thing", sort: "value")).Items.Select(i => i.Id).ShouldBe(upwards.Select(r => r.Id));
        (await store.QueryAsync("thing", sort: "-value")).Items.Select(i => i.Id).ShouldBe(upwards.Select(r => r.Id).Reverse());
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Records_are_grouped_by_every_type(string type)
    {
        await using var store = await OpenAsync(type);
        var field = store["thing"]["value"];
        var records = await FillAsync(store, type);

        var result = await store.AggregateAsync(new(store["thing"], [new(new([field]), null)], [new(MeasureFunction.Count, null, "count")]));

        result.Rows.Sum(r => (long)r[1]!).ShouldBe(records.Count);
        result.Rows.Count.ShouldBe(records.Select(r => r[field] is { } value ? GroupOf(field, value) : null).Distinct().Count());
    }

    /// <summary>Signing stamps the moment; everything else comes back as it was.</summary>
    private static bool Same(Field field, object? left, object? right) =>
        left is Signature l && right is Signature r ? (l.Image, l.Name) == (r.Image, r.Name) && l.At is not null : field.Type.AreEqual(left, right);

    private static object? GroupOf(Field field, object value)
    {
        // One id means different things in different entities.
        if (value is Reference)
        {
            return value;
        }
        var columns = new object?[field.Columns.Count];
        field.Type.ToColumns(value, columns);
        return columns[field.Type.GroupPart];
    }

    /// <summary>What an operator compares with, made of a value: a member of a list, words of an address, an amount in the currency of order.</summary>
    private static JsonElement OperandOf(Field field, ConditionOperator op, JsonElement json)
    {
        var value = FieldTypeSamples.ValuesOf(field.Type.Name).Count == 0 ? null : FieldTypeSamples.Parse(field, json);
        var isMember = field.Type is ListFieldType list && (op == ConditionOperator.Contains || list.AsksForMember(op));
        return value switch
        {
            TextSet set when isMember => JsonSerializer.SerializeToElement(set.Items[0]),
            ContactList contacts when isMember => JsonSerializer.SerializeToElement(contacts.Items[^1].Value),
            Address address when op == ConditionOperator.Contains => JsonSerializer.SerializeToElement(address.City),
            Money { Currency: not "USD" } money when op is not (ConditionOperator.Eq or ConditionOperator.Ne or ConditionOperator.In or ConditionOperator.NotIn) => JsonSerializer.SerializeToElement(money.Amount),
            _ => json,
        };
    }

    private static string ConditionText(ConditionOperator op, JsonElement value)
    {
        var operand = op switch
        {
            ConditionOperator.In or ConditionOperator.NotIn => $"[{value.GetRawText()}, null]",
            ConditionOperator.Between => $"[{value.GetRawText()}, {value.GetRawText()}]",
            ConditionOperator.Within => "\"last30days\"",
            _ => value.GetRawText(),
        };
        return $$"""{"field": "value", "op": "{{Operators.NameOf(op)}}", "value": {{operand}}}""";
    }

    /// <summary>Every sample twice and an empty value twice.</summary>
    private static async Task<List<Record>> FillAsync(TestStore store, string type)
    {
        var field = store["thing"]["value"];
        var values = FieldTypeSamples.ValuesOf(type).Select(json => FieldTypeSamples.Parse(field, json)).Append(null).ToList();
        var changes = values.Concat(values).Select(v => RecordChange.Create(store["thing"], v is null ? [] : [new(field, v)])).ToArray();
        await store.WriteAsync(atomic: true, changes);
        return [.. changes.Select(c => c.After!)];
    }

    internal static async Task<TestStore> OpenAsync(string type)
    {
        var store = await TestStore.OpenAsync(folder => folder.WithSurroundings().WithEntity("thing", FieldTypeSamples.Field(type)));
        await store.FillSurroundingsAsync();
        return store;
    }
}
