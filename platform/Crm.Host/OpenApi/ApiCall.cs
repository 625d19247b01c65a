using Crm.Host.Api;

namespace Crm.Host.OpenApi;

/// <summary>One call of the API as the description has it.</summary>
/// <param name="Method">In lower case.</param>
/// <param name="Path">With <c>{entity}</c> where there is one such call for every entity.</param>
/// <param name="Id">What generated clients call it; for calls of an entity, the entity's name is put behind.</param>
/// <param name="Summary">One sentence.</param>
/// <param name="Success">Status of success.</param>
/// <param name="Answer">Schema of the answer, <c>*</c> for the entity's own; null for none, a media type for a file.</param>
/// <param name="Body">Schema of the body, <c>*</c> for what an entity takes.</param>
/// <param name="Query">Parameters of the query.</param>
internal sealed record ApiCall(string Method, string Path, string Id, string Summary, int Success, string? Answer, string? Body = null, params string[] Query)
{
    /// <summary>Every call there is; a test holds this against the endpoints themselves.</summary>
    public static readonly IReadOnlyList<ApiCall> All =
    [
        new("post", "/api/auth/token", "signIn", "Signs a person in.", 200, "SignedIn", "SignIn"),
        new("get", "/api/records/{entity}", "list", "A page of records.", 200, "*Page", null, QueryParameters.OfList),
        new("post", "/api/records/{entity}", "create", "Creates a record.", 201, "*", "*", "confirm"),
        new("get", "/api/records/{entity}/{id}", "get", "One record; its ETag is its version.", 200, "*", null, "fields"),
        new("patch", "/api/records/{entity}/{id}", "update", "Changes the fields that the body names; If-Match says which version was seen.", 200, "*", "*", "force", "confirm"),
        new("delete", "/api/records/{entity}/{id}", "delete", "Puts a record into the recycle bin; with If-Match only in the version that it says.", 204, null),
        new("post", "/api/records/{entity}/{id}/restore", "restore", "Takes a record out of the recycle bin.", 200, "*"),
        new("get", "/api/records/{entity}/{id}/history", "historyOf", "The changes of a record, newest first; whole says whether the first of all is among them, next where the page after begins.", 200, "List", null, "limit", "after"),
        new("get", "/api/records/{entity}/{id}/timeline", "timelineOf", "What happened around a record, in words, newest first.", 200, "List", null, "limit", "after"),
        new("post", "/api/records/{entity}/{id}/merge", "mergeInto", "Makes one record of several.", 200, "*", "Any"),
        new("get", "/api/records/{entity}/{id}/duplicates", "duplicatesOf", "Records that may mean the same, the likeliest first; hasMore says whether there are more.", 200, "List"),
        new("post", "/api/records/{entity}/mass", "massChange", "Changes many records at once, as a job.", 202, "Accepted", "Any"),
        new("post", "/api/records/{entity}/aggregate", "aggregate", "Groups and measures.", 200, "Rows", "Any"),
        new("post", "/api/records/{entity}/batch", "batch", "Many changes at once, all or nothing where that is wanted.", 200, "List", "Any", "confirm"),
        new("get", "/api/exports/{entity}", "export", "The records of a list as a file.", 200, "application/octet-stream", null, [.. QueryParameters.OfRecords, "format", "headings", "ids", "bom", "delimiter"]),
        new("post", "/api/imports", "import", "Imports a CSV, xlsx or vCard file as a job.", 202, "Accepted", "multipart/form-data"),
        new("get", "/api/jobs/{id}", "getJob", "How a job is getting on.", 200, "Job"),
        new("post", "/api/jobs/{id}/cancel", "cancelJob", "Asks a job to stop.", 200, "Job"),
        new("get", "/api/jobs/{id}/bad-rows", "getBadRows", "The rows that an import left out, with the reasons.", 200, "text/csv"),
        new("post", "/api/files", "sendFile", "Sends a file, which a record can then refer to.", 201, "File", "multipart/form-data", "name"),
        new("get", "/api/files/{id}", "getFile", "The content of a file.", 200, "application/octet-stream", null, "inline"),
        new("get", "/api/files/{id}/thumbnail", "getThumbnail", "A picture to be shown small.", 200, "image/*", null, "size"),
        new("get", "/api/changes/{changeSet}", "getChanges", "What a change set did.", 200, "Any"),
        new("post", "/api/changes/{changeSet}/undo", "undo", "Takes a change set back.", 200, "Any"),
        new("get", "/api/model/export", "exportModel", "The metadata files in force.", 200, "application/zip"),
        new("get", "/api/model/versions", "listVersions", "The versions of the Model, newest first.", 200, "List"),
        new("post", "/api/model/versions/{number}/rollback", "rollBack", "Goes back to a version of the Model.", 200, "Any", null, "allowDestructive"),
        new("get", "/api/outbox", "listOutbox", "What waits to happen after changes, and what could not, newest first.", 200, "List", null, "state", "limit", "after"),
        new("post", "/api/outbox/{id}/retry", "retryOutbox", "Tries again what could not be done.", 204, null),
        new("delete", "/api/outbox/{id}", "dropOutbox", "Forgets what could not be done; it never happens.", 204, null),
        new("get", "/api/search", "search", "Ranked hits over all entities that one may read.", 200, "List", null, "q", "limit", "entity"),
        new("get", "/api/admin/queries", "slowQueries", "Questions that took long, with the index that would serve them.", 200, "List"),
        new("get", "/api/sessions", "listSessions", "The browsers in which one is signed in.", 200, "List"),
        new("delete", "/api/sessions/{id}", "endSession", "Signs one out there.", 204, null),
        new("get", "/api/tokens", "listTokens", "The tokens that one has made for programs.", 200, "List"),
        new("post", "/api/tokens", "createToken", "Makes a token for a program; it is shown once.", 201, "Any", "Token"),
        new("delete", "/api/tokens/{id}", "revokeToken", "Ends a token.", 204, null),
        new("post", "/api/users/{id}/password", "setPassword", "Sets a person's password.", 204, null, "Any"),
        new("get", "/api/model", "getModel", "What one may see of the Model.", 200, "Any"),
        new("get", "/api/model/schemas/{kind}", "getSchema", "JSON Schema of a kind of metadata file.", 200, "Any"),
        new("get", "/api/tasks", "listTasks", "What workflows ask one to do.", 200, "List", null, "state", "kind", "after", "limit"),
        new("get", "/api/tasks/{id}", "getTask", "One task.", 200, "Any"),
        new("post", "/api/tasks/{id}/complete", "completeTask", "Does a task; the workflow goes on.", 200, "Any", "Any"),
        new("post", "/api/tasks/{id}/claim", "claimTask", "Takes a task that several may do.", 200, "Any", "Any"),
        new("post", "/api/tasks/{id}/reassign", "reassignTask", "Gives a task to somebody else.", 200, "Any", "Any"),
        new("post", "/api/tasks/{id}/delegate", "delegateTask", "Has somebody else do a task.", 200, "Any", "Any"),
        new("post", "/api/tasks/{id}/addSigner", "addSignerToTask", "Has one more person do a task, before or after.", 200, "Any", "Any"),
        new("post", "/api/tasks/{id}/return", "returnTask", "Hands a task back, or has an earlier one done again.", 200, "Any", "Any"),
        new("post", "/api/events/{name}", "raiseEvent", "Tells workflows that something happened.", 202, null, "Any"),
        .. ElsaCalls.All,
    ];

    /// <summary>Whether it reads the version that the caller has seen from <c>If-Match</c>.</summary>
    public bool TakesVersion => Id is "update" or "delete";

    public bool IsOfEntity => Path.Contains("{entity}", StringComparison.Ordinal);
}
