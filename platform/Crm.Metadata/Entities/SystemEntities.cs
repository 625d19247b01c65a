namespace Crm.Metadata;

/// <summary>The entities that show tables of the platform; files of these names may say <c>"storage": "system"</c>.</summary>
public static class SystemEntities
{
    public const string Job = "job";
    public const string AuditEntry = "audit_entry";
    public const string ModelVersion = "model_version";
    public const string AccessToken = "access_token";
    public const string ChangeSet = "change_set";

    public static IReadOnlyList<string> Names { get; } = [AccessToken, AuditEntry, ChangeSet, Job, ModelVersion];
}
