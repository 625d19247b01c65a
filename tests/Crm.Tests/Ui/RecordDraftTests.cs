using Crm.Metadata;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;
using Crm.Ui.Items;
using Crm.Ui.Records;
using Shouldly;
using Xunit;

namespace Crm.Tests.Ui;

/// <summary>What a form remembers while somebody edits.</summary>
[NoDatabase]
public sealed class RecordDraftTests
{
    private static readonly Entity Contact = Shipped.Model["contact"];

    [Fact]
    public void Only_what_differs_counts_as_changed_and_is_written()
    {
        var draft = Draft("Ada");

        draft.Set(Contact["name"], new("Grace"));
        draft.Set(Contact["job_title"], new("Admiral"));
        draft.Set(Contact["name"], new("Ada"));

        draft.Changed.Select(f => f.Name).ShouldBe(["job_title"]);
        draft.Values.Select(v => (v.Field.Name, v.Value)).ShouldBe([("job_title", "Admiral")]);
    }

    [Fact]
    public void Text_that_is_no_value_is_told_once_the_field_is_left_and_keeps_the_record_from_being_saved()
    {
        var draft = Draft("Ada");
        var fault = new Fault("value.email");

        draft.Set(Contact["email"], new(null, Fault: fault, IsFinal: false));
        draft.ProblemsOf(Contact["email"]).ShouldBeEmpty();
        draft.Set(Contact["email"], new(null, Fault: fault, IsFinal: true));

        draft.ProblemsOf(Contact["email"]).Single().Code.ShouldBe("value.email");
        draft.HasChanges.ShouldBeTrue();
        draft.Check().ShouldBeFalse();
        draft.Values.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_required_is_said_before_the_store_is_asked()
    {
        var draft = new RecordDraft(new Record(Contact), new Dictionary<string, string>(), isNew: true);

        draft.Check().ShouldBeFalse();

        draft.Problems.Select(p => (p.Field, p.Code)).ShouldBe([("name", "required")]);
        draft.Set(Contact["name"], new("Ada"));
        draft.Problems.ShouldBeEmpty();
    }

    [Fact]
    public void Undo_takes_everything_back()
    {
        var draft = Draft("Ada");
        var revision = draft.Revision;
        draft.Set(Contact["name"], new("Grace"));
        draft.Set(Contact["email"], new(null, Fault: new("value.email")));

        draft.Undo();

        draft.HasChanges.ShouldBeFalse();
        draft.Current["name"].ShouldBe("Ada");
        draft.Revision.ShouldBeGreaterThan(revision);
    }

    [Fact]
    public void Over_a_newer_record_ones_own_changes_are_kept_except_those_that_were_given_up()
    {
        var draft = Draft("Ada");
        draft.Set(Contact["name"], new("Grace"));
        draft.Set(Contact["job_title"], new("Admiral"));
        var newer = draft.Original.Clone();
        newer["name"] = "Alan";
        newer["department"] = "Logic";

        var merged = draft.Onto(newer, new Dictionary<string, string>(), keepMine: field => field.Name != "name");

        merged.Current["name"].ShouldBe("Alan");
        merged.Current["department"].ShouldBe("Logic");
        merged.Changed.Select(f => f.Name).ShouldBe(["job_title"]);
    }

    [Fact]
    public void What_was_typed_since_it_was_sent_is_a_change_of_what_was_saved()
    {
        var draft = Draft("Ada", version: 1);
        draft.Undo();
        draft.Set(Contact["name"], new("Grace"));
        var sent = draft.Current.Clone();
        draft.Set(Contact["job_title"], new("Admiral"));
        draft.Set(Contact["email"], new(null, Fault: new("value.email"), IsFinal: false));
        var saved = Draft("Grace", version: 2);

        saved.GoOnFrom(draft, sent);

        saved.Values.Select(v => (v.Field.Name, v.Value)).ShouldBe([("job_title", "Admiral")]);
        saved.Changed.ShouldContain(Contact["email"], "the text that is no value stands in its field");
        saved.Revision.ShouldBe(draft.Revision, "no field starts afresh");
    }

    [Fact]
    public void A_row_that_is_edited_on_while_it_is_saved_for_the_first_time_is_not_made_twice()
    {
        var ids = new SequentialIds();
        var (old, made, theirs) = (ids.Next(), ids.Next(), ids.Next());

        var list = ItemChange.Over(Rows(old, made, theirs), Rows(old, Guid.Empty), Rows(old, Guid.Empty, Guid.Empty));

        list!.Items.Select(i => i.Id).ShouldBe([old, made, Guid.Empty, theirs]);
        ItemChange.Over(Rows(old, made, theirs), Rows(old, Guid.Empty), Rows(old))!.Items.Select(i => i.Id).ShouldBe([old, theirs], "it was taken away again");

        static ItemList Rows(params Guid[] rows) => ItemList.Whole([.. rows.Select(id => new Item(id, []))]);
    }

    [Fact]
    public void What_the_browser_kept_of_a_form_is_taken_up_again_with_the_names_of_lookups()
    {
        var (draft, customer) = (Draft("Ada"), new Guid("01a21dd2-2100-789c-960e-096bae92cdfc"));
        draft.Set(Contact["job_title"], new("Admiral"));
        draft.Set(Contact["name"], new(null));
        draft.Set(Contact["customer"], new(customer, "Acme"));
        draft.Set(Contact["email"], new(null, Fault: new("value.email")));

        var resumed = Draft("Ada").Resume(KeptInput.Read(KeptInput.Of(draft, DateTimeOffset.UnixEpoch)!.Write())!);

        resumed.Changed.Select(f => f.Name).ShouldBe(["name", "customer", "job_title"], ignoreOrder: true);
        (resumed.Current["name"], resumed.Current["job_title"], resumed.TitleOf(Contact["customer"])).ShouldBe((null, "Admiral", "Acme"));
    }

    [Fact]
    public void What_was_kept_over_an_older_state_still_says_what_it_was_typed_over()
    {
        var draft = Draft("Ada", version: 3);
        draft.Set(Contact["name"], new("Grace"));
        var kept = KeptInput.Of(draft, DateTimeOffset.UnixEpoch)!;

        var resumed = Draft("Alan", version: 4).Resume(kept);

        (resumed.Original.Version, resumed.Original["name"], resumed.Current["name"]).ShouldBe((3, "Ada", "Grace"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("no JSON")]
    public void What_is_nothing_of_ours_is_not_offered(string? text) => KeptInput.Read(text).ShouldBeNull();

    private static RecordDraft Draft(string name, long version = 0)
    {
        var record = new Record(Contact);
        record["name"] = name;
        record.Values[Entity.VersionOrdinal] = version;
        return new(record, new Dictionary<string, string>(), isNew: false);
    }
}
