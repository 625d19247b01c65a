using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>What every field type promises, tried with every type that the registry knows.</summary>
public sealed class FieldTypeBatteryTests
{
    public static TheoryData<string> Types => [.. Shipped.ValueTypes];

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
            field.Type.AreEqual(stored, value).ShouldBeTrue($"{json} came back as {stored}");
            field.Type.AreEqual(created[field], value).ShouldBeTrue();
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
        var records = await FillAsync(store, field);
        foreach (var op in field.Type.Operators)
        {
            foreach (var json in FieldTypeSamples.ValuesOf(type).DefaultIfEmpty(JsonElement.Parse("\"N-0001\"")))
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
        var records = await FillAsync(store, field);
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
        var records = await FillAsync(store, field);

        var result = await store.AggregateAsync(new(store["thing"], [new(new([field]), null)], [new(MeasureFunction.Count, null, "count")]));

        result.Rows.Sum(r => (long)r[1]!).ShouldBe(records.Count);
        result.Rows.Count.ShouldBe(records.Select(r => r[field]).Distinct().Count());
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
        return $$"""{"field": "value", "op": "{{ConditionReader.NameOf(op)}}", "value": {{operand}}}""";
    }

    /// <summary>Every sample twice and an empty value twice.</summary>
    private static async Task<List<Record>> FillAsync(TestStore store, Field field)
    {
        var values = FieldTypeSamples.ValuesOf(field.Type.Name).Select(json => FieldTypeSamples.Parse(field, json)).Append(null).ToList();
        var changes = values.Concat(values).Select(v => RecordChange.Create(store["thing"], v is null ? [] : [new(field, v)])).ToArray();
        await store.WriteAsync(atomic: true, changes);
        return [.. changes.Select(c => c.After!)];
    }

    internal static async Task<TestStore> OpenAsync(string type)
    {
        var store = await TestStore.OpenAsync(folder => folder.WithEntity("other", """{"name": "name", "type": "text"}""").WithEntity("thing", FieldTypeSamples.Field(type)));
        foreach (var target in new[] { "other", "user" })
        {
            await store.WriteAsync(atomic: true, store.Creation(target, "{}", FieldTypeSamples.TargetId(1)), store.Creation(target, "{}", FieldTypeSamples.TargetId(2)));
        }
        await store.Database.WriteAsync(async session =>
        {
            for (var i = 1; i <= 4; i++)
            {
                await FileRows.InsertAsync(session, FieldTypeSamples.StoredFile(i), TestContext.Current.CancellationToken);
            }
            return 0;
        }, TestContext.Current.CancellationToken);
        return store;
    }
}
