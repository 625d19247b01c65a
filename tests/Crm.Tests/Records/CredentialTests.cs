using Crm.Data;
using Crm.Tests.Metadata;
using Shouldly;
using Xunit;

namespace Crm.Tests.Records;

/// <summary>What people sign in with, when several attempts and changes meet.</summary>
public sealed class CredentialTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_read_before_a_new_password_neither_brings_the_old_one_back_nor_counts_against_the_new_one()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        var credentials = new CredentialStore(data.Database);
        var ada = await data.CreateAsync("user", """{"name": "Ada"}""");
        var (first, second) = (new Credential(ada.Id, "old", "first", 0, null), new Credential(ada.Id, "new", "second", 0, null));
        (await credentials.SaveAsync(first, read: null, Token)).ShouldBeTrue();
        (await credentials.SaveAsync(second, first, Token)).ShouldBeTrue();

        (await credentials.SaveAsync(first with { FailedCount = 1 }, first, Token)).ShouldBeFalse();
        (await credentials.SaveAsync(first, read: null, Token)).ShouldBeFalse();
        (await credentials.CountFailureAsync(ada.Id, first.SecurityStamp, Token)).ShouldBeNull();

        (await credentials.FindByIdAsync(ada.Id, Token))!.Credential.ShouldBe(second);
    }

    [Fact]
    public async Task A_success_from_before_a_lock_out_does_not_end_it()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        var credentials = new CredentialStore(data.Database);
        var ada = await data.CreateAsync("user", """{"name": "Ada"}""");
        var read = new Credential(ada.Id, "hash", "stamp", 3, null);
        await credentials.SaveAsync(read, read: null, Token);
        var locked = read with { FailedCount = 0, LockoutEnd = ManualTimeProvider.Start };
        (await credentials.SaveAsync(locked, read, Token)).ShouldBeTrue();

        (await credentials.SaveAsync(read with { FailedCount = 0 }, read, Token)).ShouldBeFalse();

        (await credentials.FindByIdAsync(ada.Id, Token))!.Credential.ShouldBe(locked);
        (await credentials.SaveAsync(read with { FailedCount = 0 }, locked, Token)).ShouldBeTrue("who knows of the lock-out may end it");
    }

    [Fact]
    public async Task Attempts_that_fail_at_once_all_count()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        var credentials = new CredentialStore(data.Database);
        var ada = await data.CreateAsync("user", """{"name": "Ada"}""");

        var counts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => credentials.CountFailureAsync(ada.Id, "stamp", Token)));

        counts.ShouldBe(Enumerable.Range(1, 8).Select(n => (long?)n), ignoreOrder: true);
        (await credentials.FindByIdAsync(ada.Id, Token))!.Credential!.FailedCount.ShouldBe(8);
    }

    [Fact]
    public async Task A_new_password_ends_sign_ins_on_other_nodes_within_half_a_minute()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        var credentials = new CredentialStore(data.Database);
        var signIns = new SignIns(data.Database, credentials, data.Ids, data.Clock);
        var ada = await data.CreateAsync("user", """{"name": "Ada"}""");
        var first = new Credential(ada.Id, "old", "first", 0, null);
        await credentials.SaveAsync(first, read: null, Token);
        var before = await signIns.BeginAsync(ada.Id, "curl/8", null, Token);
        (await signIns.IsOpenAsync(before, Token)).ShouldBeTrue();

        await credentials.SaveAsync(new(ada.Id, "new", "second", 0, null), first, Token);
        var after = await signIns.BeginAsync(ada.Id, "curl/8", null, Token);
        data.Clock.Advance(TimeSpan.FromSeconds(30));

        (await signIns.IsOpenAsync(before, Token)).ShouldBeFalse();
        (await signIns.IsOpenAsync(after, Token)).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_shows_pages_for_a_sign_in_hears_of_a_new_password_at_once()
    {
        await using var data = await TestStore.OpenAsync(Shipped.Model);
        var credentials = new CredentialStore(data.Database);
        var signIns = new SignIns(data.Database, credentials, data.Ids, data.Clock);
        var (ada, bo) = (await data.CreateAsync("user", """{"name": "Ada"}"""), await data.CreateAsync("user", """{"name": "Bo"}"""));
        await credentials.SaveAsync(new(ada.Id, "hash", "stamp", 0, null), read: null, Token);
        await credentials.SaveAsync(new(bo.Id, "hash", "stamp", 0, null), read: null, Token);
        var (hers, his) = (await signIns.BeginAsync(ada.Id, null, null, Token), await signIns.BeginAsync(bo.Id, null, null, Token));
        (await signIns.IsOpenAsync(hers, Token)).ShouldBeTrue();
        (await signIns.IsOpenAsync(his, Token)).ShouldBeTrue();
        var ended = new List<Guid>();
        signIns.Ended += (_, e) => ended.Add(e.Id);

        signIns.Forget(ada.Id);

        ended.ShouldBe([hers]);
    }
}
