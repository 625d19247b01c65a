using Crm.Data;
using Crm.Metadata;

namespace Crm.Workflow;

/// <summary>The engine's own tables. They are created with those of the Model.</summary>
public static class WorkflowTables
{
    internal const string Definition = "_workflow_definition";
    internal const string Instance = "_workflow_instance";
    internal const string Bookmark = "_workflow_bookmark";
    internal const string Trigger = "_workflow_trigger";
    internal const string Signal = "_workflow_signal";
    internal const string Journal = "_workflow_journal";
    internal const string Task = "_workflow_task";

    public static readonly IReadOnlyList<TableSchema> All =
    [
        new(Definition,
            [
                Key("id"), Text("definition_id"), Whole("version"), Text("name"), Text("type_name"), Flag("is_latest"), Flag("is_published"), Flag("usable_as_activity"), Text("layer"), Text("model"), Whole("revision"),
                Moment("created_at"), Moment("changed_at"), new("changed_by", ColumnKind.Uuid), Maybe("description"), new("is_readonly", ColumnKind.Boolean), new("is_system", ColumnKind.Boolean),
            ],
            [new("ix__workflow_definition__version", ["definition_id", "version"], Unique: true), new("ix__workflow_definition__changed", ["changed_at"])],
            []),
        new(Instance,
            [
                Key("id"), Text("definition_id"), Text("version_id"), Whole("version"), Text("status"), Text("sub_status"), Maybe("correlation_id"), Maybe("name"), Maybe("parent_id"), Whole("incidents"),
                Whole("revision"), Whole("bursts"), Maybe("state"), Moment("created_at"), Moment("updated_at"), new("finished_at", ColumnKind.Timestamp),
            ],
            [
                new("ix__workflow_instance__definition", ["definition_id", "status", "updated_at"]), new("ix__workflow_instance__status", ["status", "sub_status", "updated_at"]),
                new("ix__workflow_instance__correlation", ["correlation_id"]), new("ix__workflow_instance__finished", ["finished_at"]), new("ix__workflow_instance__parent", ["parent_id"]), new("ix__workflow_instance__created", ["created_at"]),
            ],
            []),
        new(Bookmark,
            [
                Key("id"), Text("instance_id"), Text("name"), Text("hash"), Text("payload"), Text("activity_id"), Text("node_id"), Text("activity_instance_id"), Maybe("correlation_id"), Whole("attempts"),
                Moment("created_at"), new("due_at", ColumnKind.Timestamp),
            ],
            [new("ix__workflow_bookmark__hash", ["hash"]), new("ix__workflow_bookmark__instance", ["instance_id"]), new("ix__workflow_bookmark__due", ["due_at"])],
            []),
        new(Trigger,
            [Key("id"), Text("definition_id"), Text("version_id"), Text("name"), Text("activity_id"), Text("hash"), Text("payload"), new("due_at", ColumnKind.Timestamp)],
            [new("ix__workflow_trigger__hash", ["hash"]), new("ix__workflow_trigger__name", ["name"]), new("ix__workflow_trigger__definition", ["definition_id"]), new("ix__workflow_trigger__due", ["due_at"])],
            []),
        new(Signal,
            [
                new("id", ColumnKind.Uuid, Nullable: false, Key: true), Text("name"), Text("hash"), Maybe("instance_id"), Maybe("correlation_id"), Maybe("bookmark_id"), Text("input"), Flag("may_start"), Flag("is_kept"),
                Whole("attempts"), Moment("created_at"), Moment("next_at"),
            ],
            [new("ix__workflow_signal__next", ["next_at"]), new("ix__workflow_signal__hash", ["hash"])],
            []),
        new(Journal,
            [new("instance_id", ColumnKind.Text, Nullable: false, Key: true), new("number", ColumnKind.Integer, Nullable: false, Key: true), Moment("at"), Text("entries")],
            [],
            []),
        new(Task,
            [
                Key("id"), Text("instance_id"), Text("name"), Maybe("payload"), Moment("created_at"), new("completed_at", ColumnKind.Timestamp), Maybe("kind"), Maybe("title"), new("due_at", ColumnKind.Timestamp),
                new("assignee", ColumnKind.Uuid), Maybe("roles"), Maybe("outcome"), Maybe("comment"), new("completed_by", ColumnKind.Uuid), Maybe("activity_id"), Maybe("trail"),
            ],
            [new("ix__workflow_task__instance", ["instance_id"]), new("ix__workflow_task__assignee", ["assignee", "completed_at"])],
            []),
    ];

    private static ColumnSchema Key(string name) => new(name, ColumnKind.Text, Nullable: false, Key: true);

    private static ColumnSchema Text(string name) => new(name, ColumnKind.Text, Nullable: false);

    private static ColumnSchema Maybe(string name) => new(name, ColumnKind.Text);

    private static ColumnSchema Whole(string name) => new(name, ColumnKind.Integer, Nullable: false);

    private static ColumnSchema Flag(string name) => new(name, ColumnKind.Boolean, Nullable: false);

    private static ColumnSchema Moment(string name) => new(name, ColumnKind.Timestamp, Nullable: false);
}
