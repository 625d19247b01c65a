using Crm.Data;
using Crm.Metadata;
using Crm.Rules;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>A secret is kept and not told: not in lists, not in the history, not in the file of the database.</summary>
public sealed class SecretTests
{
    private const string Content = "correct horse battery staple";

    [Fact]
    public async Task It_is_stored_encrypted_and_revealed_by_an_explicit_call_only()
    {
        await using var store = await TestStore.OpenAsync("account", Fields);
        var account = await store.CreateAsync("account", $$"""{"name": "mail", "key": "{{Content}}"}""");

        var stored = (Secret)(await store.GetAsync(account))["key"]!;
        var history = (await store.HistoryAsync(account))[0].Changes.Single(c => c.Field.Name == "key");

        stored.Cipher!.ShouldNotContain(Content);
        stored.Plain.ShouldBeNull();
        history.After.ShouldBe(Secret.Mark);
        store["account"]["key"].Type.ToText(stored, System.Globalization.CultureInfo.InvariantCulture).ShouldNotContain("correct");
        (await new SecretStore(store.Store, new ReversedSecrets()).RevealAsync(store["account"], account.Id, store["account"]["key"], Actor.Platform, TestContext.Current.CancellationToken)).ShouldBe(Content);
    }

    [Fact]
    public async Task What_the_api_shows_of_it_changes_nothing_when_it_comes_back_and_null_empties_it()
    {
        await using var store = await TestStore.OpenAsync("account", Fields);
        var account = await store.CreateAsync("account", $$"""{"name": "mail", "key": "{{Content}}"}""");
        var cipher = ((Secret)(await store.GetAsync(account))["key"]!).Cipher;

        var same = await store.UpdateAsync(account, """{"name": "mail", "key": {"set": true}}""");
        var emptied = await store.UpdateAsync(same, """{"key": null}""");

        ((Secret)same["key"]!).Cipher.ShouldBe(cipher);
        same.Version.ShouldBe(account.Version);
        emptied["key"].ShouldBeNull();
        (await store.CreateAsync("account", """{"key": {"set": true}}"""))["key"].ShouldBeNull();
    }

    [Fact]
    public async Task Conditions_ask_only_whether_there_is_one()
    {
        await using var store = await TestStore.OpenAsync("account", Fields);

        Should.Throw<ProblemException>(() => ConditionReader.Read("""{"field": "key", "op": "eq", "value": "a"}""", store["account"])).Problems[0].Code.ShouldBe("condition.operator");
    }

    private const string Fields = """{"name": "name", "type": "text"}, {"name": "key", "type": "secret"}""";
}
