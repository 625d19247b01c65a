using Crm.Metadata;

namespace Crm.Data;

/// <summary>The platform's own tables. Their names begin with an underscore, which no entity's name can.</summary>
internal static class SystemTables
{
    public const string Audit = "_audit";
    public const string Counter = "_counter";
    public const string Rollup = "_rollup";
    public const string Credential = "_credential";
    public const string AccessToken = "_access_token";
    public const string SignIn = "_sign_in";
    public const string Job = "_job";
    public const string File = "_file";
    public const string FileUse = "_file_use";
    public const string Metadata = "_metadata";
    public const string ModelVersion = "_model_version";
    public const string Outbox = "_outbox";
    public const string Match = "_match";
    public const string MatchRule = "_match_rule";
    public const string Personal = "_personal";
    public const string Seed = "_seed";

    /// <summary>Columns that hold the name of an entity, and so follow when it gets another.</summary>
    public static readonly IReadOnlyList<(string Table, string Column)> EntityNames = [(Audit, "entity"), (FileUse, "entity"), (Seed, "entity")];

    public static readonly IReadOnlyList<TableSchema> All =
    [
        new(Audit,
            [
                Key("id", ColumnKind.Uuid), Needed("entity", ColumnKind.Text), Needed("record_id", ColumnKind.Uuid), Needed("version", ColumnKind.Integer),
                Needed("kind", ColumnKind.Text), Needed("at", ColumnKind.Timestamp), Free("by", ColumnKind.Uuid), Needed("door", ColumnKind.Text),
                Needed("change_set", ColumnKind.Uuid), Free("cause", ColumnKind.Text), Needed("changes", ColumnKind.Text),
            ],
            [new("ix__audit__record", ["record_id", "version"]), new("ix__audit__change_set", ["change_set", "id"])],
            []),
        new(Rollup, [Key("field", ColumnKind.Text), Needed("signature", ColumnKind.Text)], [], []),
        new(Counter, [Key("series", ColumnKind.Text), Needed("value", ColumnKind.Integer)], [], []),
        new(Credential,
            [
                Key("user_id", ColumnKind.Uuid), Free("password_hash", ColumnKind.Text), Needed("security_stamp", ColumnKind.Text),
                Needed("failed_count", ColumnKind.Integer), Free("lockout_end", ColumnKind.Timestamp),
            ],
            [],
            []),
        new(AccessToken,
            [
                Key("hash", ColumnKind.Text), Needed("user_id", ColumnKind.Uuid), Needed("created_at", ColumnKind.Timestamp), Needed("expires_at", ColumnKind.Timestamp),
                Needed("security_stamp", ColumnKind.Text), Free("id", ColumnKind.Uuid), Free("name", ColumnKind.Text), Free("scope", ColumnKind.Text),
                Free("used_at", ColumnKind.Timestamp),
            ],
            [new("ix__access_token__user", ["user_id"]), new("ix__access_token__expires", ["expires_at"])],
            []),
        new(SignIn,
            [
                Key("id", ColumnKind.Uuid), Needed("user_id", ColumnKind.Uuid), Needed("created_at", ColumnKind.Timestamp), Needed("seen_at", ColumnKind.Timestamp),
                Needed("security_stamp", ColumnKind.Text), Free("agent", ColumnKind.Text), Free("address", ColumnKind.Text),
            ],
            [new("ix__sign_in__user", ["user_id"]), new("ix__sign_in__seen", ["seen_at"])],
            []),
        new(Job,
            [
                Key("id", ColumnKind.Uuid), Needed("kind", ColumnKind.Text), Needed("state", ColumnKind.Text), Needed("done", ColumnKind.Integer), Free("total", ColumnKind.Integer),
                Needed("input", ColumnKind.Text), Free("result", ColumnKind.Text), Free("problem", ColumnKind.Text), Needed("created_at", ColumnKind.Timestamp),
                Free("started_at", ColumnKind.Timestamp), Free("finished_at", ColumnKind.Timestamp), Free("created_by", ColumnKind.Uuid), Needed("cancel", ColumnKind.Boolean),
                Free("node", ColumnKind.Uuid), Free("lease_until", ColumnKind.Timestamp),
            ],
            [new("ix__job__state", ["state", "id"])],
            []),
        new(File,
            [
                Key("id", ColumnKind.Uuid), Needed("name", ColumnKind.Text), Needed("type", ColumnKind.Text), Needed("size", ColumnKind.Integer), Needed("sha256", ColumnKind.Text),
                Free("width", ColumnKind.Integer), Free("height", ColumnKind.Integer), Needed("created_at", ColumnKind.Timestamp), Free("created_by", ColumnKind.Uuid), Free("free_at", ColumnKind.Timestamp),
            ],
            [new("ix__file__free", ["free_at"])],
            []),
        new(FileUse,
            [Key("file_id", ColumnKind.Uuid), Key("entity", ColumnKind.Text), Key("record_id", ColumnKind.Uuid), Key("field", ColumnKind.Text)],
            [new("ix__file_use__record", ["record_id"])],
            []),
        new(Metadata,
            [
                Key("kind", ColumnKind.Text), Key("name", ColumnKind.Text), Free("content", ColumnKind.Text), Needed("version", ColumnKind.Integer),
            ],
            [],
            []),
        new(ModelVersion,
            [
                Key("id", ColumnKind.Uuid), Needed("number", ColumnKind.Integer), Needed("at", ColumnKind.Timestamp), Free("by", ColumnKind.Uuid), Needed("title", ColumnKind.Text),
                Needed("changes", ColumnKind.Text),
            ],
            [new("uq__model_version__number", ["number"], Unique: true)],
            []),
        new(Match, [Key("rule", ColumnKind.Text), Key("record_id", ColumnKind.Uuid), Free("form", ColumnKind.Text)], [new("ix__match__form", ["rule", "form"])], []),
        new(Personal, [Key("user_id", ColumnKind.Uuid), Key("key", ColumnKind.Text), Needed("value", ColumnKind.Text), Needed("at", ColumnKind.Timestamp)], [], []),
        new(Seed, [Key("entity", ColumnKind.Text), Key("key", ColumnKind.Text), Needed("at", ColumnKind.Timestamp)], [], []),
        new(MatchRule, [Key("rule", ColumnKind.Text), Needed("fingerprint", ColumnKind.Text)], [], []),
        new(Outbox,
            [
                Key("id", ColumnKind.Uuid), Needed("kind", ColumnKind.Text), Free("key", ColumnKind.Text), Free("subject", ColumnKind.Uuid), Needed("place", ColumnKind.Integer),
                Needed("payload", ColumnKind.Text), Needed("state", ColumnKind.Text), Free("due_at", ColumnKind.Timestamp), Free("lease", ColumnKind.Uuid),
                Needed("attempts", ColumnKind.Integer), Free("last_error", ColumnKind.Text), Needed("created_at", ColumnKind.Timestamp), Free("finished_at", ColumnKind.Timestamp),
            ],
            [new("uq__outbox__key", ["key"], Unique: true), new("ix__outbox__due", ["state", "due_at"]), new("ix__outbox__subject", ["subject", "place"])],
            []),
    ];

    private static ColumnSchema Key(string name, ColumnKind kind) => new(name, kind, Nullable: false, Key: true);

    private static ColumnSchema Needed(string name, ColumnKind kind) => new(name, kind, Nullable: false);

    private static ColumnSchema Free(string name, ColumnKind kind) => new(name, kind);
}
