using Crm.Data;
using Shouldly;
using Xunit;

namespace Crm.Tests.Workflow;

/// <summary>The workflows that the product brings, over the entities that it brings.</summary>
public sealed class ShippedWorkflowsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_customer_who_is_a_person_is_a_contact_with_the_same_values()
    {
        await using var home = await WorkflowHome.OpenShippedAsync();

        var customer = await home.Store.CreateAsync("customer", """{"name": "Ada Lovelace", "type": "person", "email": "ada@example.com", "mobile": "+1 213 373 4253", "birth_date": "1815-12-10"}""");
        await home.SettleAsync();

        var contact = (await home.Store.QueryAsync("contact")).Items.ShouldHaveSingleItem();
        (await TwinAsync(home, contact.Id)).ShouldBe(("Ada Lovelace", "ada@example.com", customer.Id));
        (await home.Store.GetAsync(customer))["person"].ShouldBe(contact.Id);
    }

    [Fact]
    public async Task What_changes_on_one_side_changes_on_the_other_and_then_it_is_quiet()
    {
        await using var home = await WorkflowHome.OpenShippedAsync();
        var customer = await home.Store.CreateAsync("customer", """{"name": "Ada Lovelace", "type": "person"}""");
        await home.SettleAsync();
        var contact = (Guid)(await home.Store.GetAsync(customer))["person"]!;

        await home.Store.UpdateAsync(customer, """{"name": "Ada King", "email": "king@example.com"}""");
        await home.SettleAsync();
        (await TwinAsync(home, contact)).ShouldBe(("Ada King", "king@example.com", customer.Id));

        await home.Store.Store.UpdateAsync(home.Store["contact"], contact, [new(home.Store["contact"]["email"], "ada@example.org")], null, Actor.Platform, Door.Form, cancellationToken: Cancelled);
        await home.SettleAsync();

        var now = await home.Store.GetAsync(customer);
        now["email"].ShouldBe("ada@example.org");
        await home.SettleAsync();
        (await home.Store.GetAsync(customer)).Version.ShouldBe(now.Version);
    }

    [Fact]
    public async Task A_company_has_no_twin()
    {
        await using var home = await WorkflowHome.OpenShippedAsync();
        var company = await home.Store.CreateAsync("customer", """{"name": "Acme"}""");
        var contact = await home.Store.CreateAsync("contact", $$"""{"name": "Ada", "customer": "{{company.Id}}"}""");
        await home.Store.UpdateAsync(contact, """{"name": "Ada King"}""");
        await home.SettleAsync();

        (await home.Store.QueryAsync("contact")).Items.Count.ShouldBe(1);
        (await home.Store.GetAsync(company))["name"].ShouldBe("Acme");
    }

    private static async Task<(object?, object?, object?)> TwinAsync(WorkflowHome home, Guid id)
    {
        var contact = await home.Store.Store.GetAsync(home.Store["contact"], id, Actor.Platform, Cancelled);
        return (contact["name"], contact["email"], contact["customer"]);
    }
}
