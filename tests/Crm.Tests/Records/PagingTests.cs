using System.Globalization;
using System.Text;
using Crm.Data;
using Crm.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>Pages by key: whoever walks through a list sees every record once and in order, whatever happens meanwhile.</summary>
public sealed class PagingTests
{
    private static readonly string?[] Names = ["Äpfel", "apfel", "Zebra", "zebra", "ß", "SS", "客户", "😀", "Ｆｕｌｌ", null, null];

    public static TheoryData<string> Sorts =>
    [
        "", "name", "-name", "size", "-size", "name,-size", "-name,size", "size,name,-rate", "-rate,-name", "parent.name", "-parent.name,name", "parent.parent.size,-id", "id", "-id", "active,-day,moment", "name,name",
    ];

    [Theory]
    [MemberData(nameof(Sorts))]
    public async Task Every_record_comes_once_and_in_the_order_of_the_sort(string sort)
    {
        await using var store = await OpenAsync();
        var records = await FillAsync(store, 61);
        var expected = Sorted(records, SortTerm.Parse(sort, store["thing"]));
        foreach (var size in new[] { 1, 7, 1000 })
        {
            var ids = new List<Guid>();
            string? after = null;
            do
            {
                var page = await store.QueryAsync("thing", sort: sort, limit: size, after: after, fields: "name");
                page.Items.Count.ShouldBeLessThanOrEqualTo(size);
                ids.AddRange(page.Items.Select(i => i.Id));
                after = page.Next;
            }
            while (after is not null);

            ids.ShouldBe(expected, $"by '{sort}' in pages of {size}");
        }
    }

    [Theory]
    [MemberData(nameof(Sorts))]
    public async Task Walking_back_gives_the_same_records_in_the_same_order(string sort)
    {
        await using var store = await OpenAsync();
        var records = await FillAsync(store, 61);
        var expected = Sorted(records, SortTerm.Parse(sort, store["thing"])).ToList();
        foreach (var size in new[] { 1, 7, 60, 61, 62 })
        {
            var last = await LastPageAsync(store, sort, size);
            var ids = last.Items.Select(i => i.Id).ToList();
            var previous = last.Previous;
            while (previous is not null)
            {
                var page = await store.QueryAsync("thing", sort: sort, limit: size, before: previous, fields: "name");
                page.Items.Count.ShouldBe(Math.Min(size, expected.Count - ids.Count));
                // What comes after the page is what was seen before.
                (await store.QueryAsync("thing", sort: sort, limit: 1, after: page.Next)).Items[0].Id.ShouldBe(ids[0]);
                ids.InsertRange(0, page.Items.Select(i => i.Id));
                previous = page.Previous;
            }

            ids.ShouldBe(expected, $"by '{sort}' in pages of {size}");
        }
    }

    [Theory]
    [InlineData("name,-size")]
    [InlineData("-size,parent.name")]
    [InlineData("")]
    public async Task Walking_back_gives_every_record_that_stays_once_while_others_come_and_go(string sort)
    {
        await using var store = await OpenAsync();
        var records = await FillAsync(store, 40);
        var page = await LastPageAsync(store, sort, 3);
        var seen = page.Items.Select(i => i.Id).ToList();
        for (var round = 1; page.Previous is not null && round < 200; round++)
        {
            await FillAsync(store, 2, seed: round);
            await store.DeleteAsync(await store.CreateAsync("thing", """{"name": "in between"}"""));
            page = await store.QueryAsync("thing", sort: sort, limit: 3, before: page.Previous, fields: "name");
            seen.InsertRange(0, page.Items.Select(i => i.Id));
        }

        seen.Distinct().Count().ShouldBe(seen.Count, "nothing comes twice");
        seen.Where(records.Select(r => r.Id).ToHashSet().Contains).ShouldBe(Sorted(records, SortTerm.Parse(sort, store["thing"])));
    }

    [Fact]
    public async Task A_page_that_has_emptied_still_leads_both_ways()
    {
        await using var store = await OpenAsync();
        var records = await FillAsync(store, 6);
        var order = Sorted(records, SortTerm.Parse("size", store["thing"])).ToList();
        var first = await store.QueryAsync("thing", sort: "size", limit: 3);
        foreach (var gone in records.Where(r => order.IndexOf(r.Id) >= 3))
        {
            await store.DeleteAsync(gone);
        }

        var empty = await store.QueryAsync("thing", sort: "size", limit: 3, after: first.Next);
        var back = await store.QueryAsync("thing", sort: "size", limit: 3, before: empty.Previous);

        first.Previous.ShouldBeNull();
        empty.Items.ShouldBeEmpty();
        empty.Next.ShouldBeNull();
        back.Items.Select(i => i.Id).ShouldBe(order.Take(3));
        back.Previous.ShouldBeNull();
        (await Refusal.OfAsync(() => store.QueryAsync("thing", sort: "size", after: first.Next, before: first.Next))).ShouldBe("before: cursor.both");
        (await Refusal.OfAsync(() => store.QueryAsync("thing", sort: "name", before: first.Next))).ShouldBe("before: cursor");
    }

    [Fact]
    public async Task A_question_asked_again_with_other_values_costs_no_new_statement()
    {
        await using var store = await OpenAsync();
        await FillAsync(store, 30);
        store.Database.Queries.Threshold = TimeSpan.Zero;
        foreach (var size in new[] { 1, 2, 3 })
        {
            var page = await store.QueryAsync("thing", $$"""{"all": [{"field": "size", "op": "eq", "value": {{size}}}, {"field": "name", "op": "in", "value": ["zebra", "{{size}}"]}]}""", sort: "name", limit: size, fields: "name");
            page.Items.ShouldAllBe(i => ((string?)i[0] ?? "").Equals("zebra", StringComparison.Ordinal));
        }

        store.Database.Queries.Slow.ShouldHaveSingleItem().Count.ShouldBe(3);
    }

    [Fact]
    public async Task Only_the_columns_that_were_asked_for_are_read()
    {
        await using var store = await OpenAsync();
        store.Database.Queries.Threshold = TimeSpan.Zero;

        await store.QueryAsync("thing", sort: "size", fields: "name,parent.day", limit: 5);

        store.Database.Queries.Slow.ShouldHaveSingleItem().Sql
            .ShouldStartWith("SELECT t.\"id\", t.\"size\", t.\"name\", j1.\"day\" FROM \"thing\" t LEFT JOIN");
    }

    [Theory]
    [InlineData("name,-size")]
    [InlineData("-size")]
    [InlineData("-rate,name")]
    public async Task Records_that_were_there_come_once_while_others_are_inserted_and_deleted(string sort)
    {
        await using var store = await OpenAsync();
        var records = await FillAsync(store, 40);
        var seen = new List<Guid>();
        string? after = null;
        var round = 0;
        do
        {
            var page = await store.QueryAsync("thing", sort: sort, limit: 3, after: after, fields: "name");
            seen.AddRange(page.Items.Select(i => i.Id));
            after = page.Next;
            await FillAsync(store, 2, seed: ++round);
            await store.DeleteAsync(await store.CreateAsync("thing", """{"name": "in between"}"""));
        }
        while (after is not null && round < 200);

        seen.Distinct().Count().ShouldBe(seen.Count, "nothing comes twice");
        seen.Where(records.Select(r => r.Id).ToHashSet().Contains).ShouldBe(Sorted(records, SortTerm.Parse(sort, store["thing"])));
    }

    [Fact]
    public async Task A_cursor_whose_record_has_gone_still_leads_on()
    {
        await using var store = await OpenAsync();
        var records = await FillAsync(store, 10);
        var order = Sorted(records, SortTerm.Parse("size,name", store["thing"])).ToList();
        var page = await store.QueryAsync("thing", sort: "size,name", limit: 4);
        await store.DeleteAsync(records.Single(r => r.Id == order[3]));

        var rest = await store.QueryAsync("thing", sort: "size,name", after: page.Next);

        rest.Items.Select(i => i.Id).ShouldBe(order.Skip(4));
    }

    [Theory]
    [InlineData("x")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""["size"]""")]
    [InlineData("""["size","1"]""")]
    [InlineData("""["size","x","0190aaaa-bbbb-7ccc-8ddd-000000000001"]""")]
    [InlineData("""["size","1","not an id"]""")]
    [InlineData("""["size",1,"0190aaaa-bbbb-7ccc-8ddd-000000000001"]""")]
    [InlineData("""["size","99999999999999999999","0190aaaa-bbbb-7ccc-8ddd-000000000001"]""")]
    [InlineData("""["name","a","0190aaaa-bbbb-7ccc-8ddd-000000000001"]""")]
    [InlineData("""["-size","1","0190aaaa-bbbb-7ccc-8ddd-000000000001"]""")]
    [InlineData("""["size","1","0190aaaa-bbbb-7ccc-8ddd-000000000001","more"]""")]
    public async Task A_forged_cursor_is_refused(string content)
    {
        await using var store = await OpenAsync();
        var forged = Convert.ToBase64String(Encoding.UTF8.GetBytes(content)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

        (await Refusal.OfAsync(() => store.QueryAsync("thing", sort: "size", after: forged))).ShouldBe("after: cursor");
        (await Refusal.OfAsync(() => store.QueryAsync("thing", sort: "size", after: "%%%"))).ShouldBe("after: cursor");
    }

    [Theory]
    [InlineData("rate", "79228162514264337593543950335")]
    [InlineData("rate", "0.0000001")]
    [InlineData("moment", "99999999999999999999")]
    [InlineData("moment", "-1")]
    [InlineData("day", "2026-13-01")]
    [InlineData("active", "maybe")]
    [InlineData("id", "x")]
    public async Task A_cursor_with_a_value_that_its_column_cannot_hold_is_refused(string sort, string value)
    {
        await using var store = await OpenAsync();
        var forged = Convert.ToBase64String(Encoding.UTF8.GetBytes($"""["{sort}","{value}","0190aaaa-bbbb-7ccc-8ddd-000000000001"]""")).TrimEnd('=').Replace('+', '-').Replace('/', '_');

        (await Refusal.OfAsync(() => store.QueryAsync("thing", sort: sort, after: forged))).ShouldBe("after: cursor");
    }

    [Fact]
    public async Task Counting_stops_at_ten_thousand_unless_the_exact_number_is_wanted()
    {
        await using var store = await OpenAsync();
        await store.WriteAsync(atomic: true, [.. Enumerable.Range(1, 10_001).Select(i => store.Creation("thing", $$"""{"size": {{i}}}"""))]);
        const string Fewer = """{"field": "size", "op": "le", "value": 10000}""";

        var (none, capped, exact) = (await store.QueryAsync("thing", limit: 1), await store.QueryAsync("thing", limit: 1, count: CountMode.Capped), await store.QueryAsync("thing", limit: 1, count: CountMode.Exact));
        var fits = await store.QueryAsync("thing", Fewer, limit: 1, count: CountMode.Capped);

        none.Count.ShouldBeNull();
        (capped.Count, capped.CountIsExact).ShouldBe((10_000, false));
        (exact.Count, exact.CountIsExact).ShouldBe((10_001, true));
        (fits.Count, fits.CountIsExact).ShouldBe((10_000, true));
    }

    private static async Task<RecordPage> LastPageAsync(TestStore store, string sort, int size)
    {
        var page = await store.QueryAsync("thing", sort: sort, limit: size, fields: "name");
        while (page.Next is not null)
        {
            page = await store.QueryAsync("thing", sort: sort, limit: size, after: page.Next, fields: "name");
        }
        return page;
    }

    private static Task<TestStore> OpenAsync() => TestStore.OpenAsync(
        "thing",
        """
        {"name": "name", "type": "text"},
        {"name": "size", "type": "integer"},
        {"name": "rate", "type": "decimal", "scale": 2},
        {"name": "active", "type": "boolean"},
        {"name": "day", "type": "date"},
        {"name": "moment", "type": "dateTime"},
        {"name": "parent", "type": "lookup", "target": "thing", "onDelete": "clear"}
        """,
        """ "indexes": [["name"], ["size", "name"]] """);

    /// <summary>Records with many equal and many empty values, so that pages end inside runs of them.</summary>
    private static async Task<List<Record>> FillAsync(TestStore store, int count, int seed = 0)
    {
        var dice = new Random(seed);
        var changes = new List<RecordChange>();
        for (var i = 0; i < count; i++)
        {
            var values = new List<FieldValue>();
            Add("name", Names[dice.Next(Names.Length)]);
            Add("size", dice.Next(4) is var size && size == 0 ? null : (long)size);
            Add("rate", dice.Next(3) is var rate && rate == 0 ? null : rate - 1.5m);
            Add("active", dice.Next(3) switch { 0 => null, 1 => true, _ => false });
            Add("day", dice.Next(3) is var day && day == 0 ? null : new DateOnly(2026, 1, day));
            Add("moment", dice.Next(3) is var moment && moment == 0 ? null : ManualTimeProvider.Start.AddSeconds(-moment));
            Add("parent", changes.Count == 0 || dice.Next(3) == 0 ? null : changes[dice.Next(changes.Count)].Id);
            changes.Add(RecordChange.Create(store["thing"], values, store.Ids.Next()));

            void Add(string field, object? value) => values.Add(new(store["thing"][field], value));
        }
        await store.WriteAsync(atomic: true, [.. changes]);
        return [.. changes.Select(c => c.After!)];
    }

    /// <summary>The order as METADATA says it: text ignores case, empty values last ascending and first descending, then by id.</summary>
    private static IEnumerable<Guid> Sorted(List<Record> records, IReadOnlyList<SortTerm> sort)
    {
        var byId = records.ToDictionary(r => r.Id);
        return records.Order(Comparer<Record>.Create(Compare)).Select(r => r.Id);

        int Compare(Record left, Record right)
        {
            foreach (var term in sort)
            {
                var (l, r) = (Follow(left, term.Path), Follow(right, term.Path));
                var order = l is null || r is null ? (l is null).CompareTo(r is null) : term.Path.Field.Type.Compare(l, r);
                if (order != 0)
                {
                    return term.Descending ? -order : order;
                }
            }
            return sort.Count == 0 || sort[^1].Descending ? string.CompareOrdinal(Text(right), Text(left)) : string.CompareOrdinal(Text(left), Text(right));
        }

        object? Follow(Record record, FieldPath path)
        {
            object? value = record[path.Steps[0]];
            foreach (var step in path.Steps.Skip(1))
            {
                value = value is Guid id ? byId[id][step] : null;
            }
            return value;
        }

        static string Text(Record record) => record.Id.ToString("N", CultureInfo.InvariantCulture);
    }
}
