using Crm.Data;
using Crm.Host.Demo;
using Crm.Metadata;
using Crm.Tests.Metadata;
using Crm.Tests.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Demo;

/// <summary>What the demo company says of itself is what the database holds afterwards.</summary>
public sealed class DemoLoadingTests
{
    private const double Scale = 0.05;

    [Fact]
    public async Task Every_record_of_the_company_is_stored_and_its_figures_follow()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        await Loader(data).LoadAsync(Scale, TestContext.Current.CancellationToken);

        foreach (var (entity, told) in DemoCompany.Records(data.Clock.GetUtcNow(), Scale).Where(r => !r.Change).CountBy(r => r.Entity))
        {
            (await data.QueryAsync(entity, limit: 1, count: CountMode.Exact)).Count.ShouldBe(told, entity);
        }
        var orders = await data.QueryAsync("sales_order", fields: "total,subtotal,tax_amount,shipping_cost,opportunity.lines_amount,opportunity.stage");
        orders.Items.ShouldNotBeEmpty();
        foreach (var order in orders.Items)
        {
            Amount(order[0]).ShouldBe(Amount(order[1]) + Amount(order[2]) + Amount(order[3]));
            Amount(order[4]).ShouldBe(Amount(order[1]));
            order[5].ShouldBe("won");
        }
    }

    [Fact]
    public async Task Beside_the_rates_of_the_product_every_amount_has_a_worth_of_its_day()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        (await new Seeds(data.Database, data.Store, new(data.Model), data.Clock).BringAsync(TestContext.Current.CancellationToken)).ShouldBeEmpty();
        await Loader(data).LoadAsync(Scale, TestContext.Current.CancellationToken);

        var foreign = await data.QueryAsync("opportunity", """{"field": "amount.currency", "op": "ne", "value": "USD"}""", fields: "amount,amount.converted,lines_amount,created_at");
        foreign.Items.ShouldNotBeEmpty();
        var rates = (await data.QueryAsync("exchange_rate", sort: "-date", fields: "currency,date,rate")).Items;
        foreach (var row in foreign.Items)
        {
            var (money, day) = ((Money)row[0]!, DateOnly.FromDateTime(((DateTimeOffset)row[3]!).UtcDateTime));
            var rate = rates.First(r => (string)r[0]! == money.Currency && (DateOnly)r[1]! <= day);
            row[1].ShouldBe(decimal.Round(money.Amount * (decimal)rate[2]!, 2, MidpointRounding.AwayFromZero));
            // The lines are of the same day, so that what they are worth together differs by their rounding at most.
            ((Money)row[2]!).Amount.ShouldBe((decimal)row[1]!, 0.05m);
        }
    }

    [Fact]
    public async Task Opportunities_stored_in_bulk_are_listed_and_found_and_say_where_they_come_from()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        var loader = Loader(data);
        await loader.LoadAsync(0.01, TestContext.Current.CancellationToken);

        await loader.LoadManyAsync(customers: 15, opportunities: 1_200, TestContext.Current.CancellationToken);

        var page = await data.QueryAsync("opportunity", """{"field": "code", "op": "startsWith", "value": "OPP-L"}""", count: CountMode.Exact, fields: "name,customer.name,description,owner.name,code", limit: 5);
        page.Count.ShouldBe(1_200);
        page.Items.ShouldAllBe(o => o[1] is string && ((string)o[2]!).StartsWith("Made up") && o[3] is string);
        var found = await data.QueryAsync("opportunity", search: (string)page.Items[0][4]!, fields: "code");
        found.Items.ShouldHaveSingleItem()[0].ShouldBe(page.Items[0][4]);
        (await data.UpdateAsync(await data.Store.GetAsync(data["opportunity"], page.Items[0].Id, Actor.Platform, TestContext.Current.CancellationToken), """{"next_step": "Call"}""")).Version.ShouldBe(2);
    }

    private static DemoLoader Loader(TestStore data) => new(data.Store, data.Bulk, new ModelSource(data.Model), data.Clock);

    private static decimal Amount(object? money) => ((Money)money!).Amount;
}
