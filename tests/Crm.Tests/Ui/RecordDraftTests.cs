using Crm.Metadata;
using Crm.Tests.Databases;
using Crm.Tests.Metadata;
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

    private static RecordDraft Draft(string name)
    {
        var record = new Record(Contact);
        record["name"] = name;
        return new(record, new Dictionary<string, string>(), isNew: false);
    }
}
