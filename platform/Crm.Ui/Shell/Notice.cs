using Crm.Data;
using Crm.Metadata;

namespace Crm.Ui.Shell;

/// <summary>A record of the entity <c>notification</c> as the bell shows it.</summary>
public sealed record Notice(Guid Id, string Kind, string Text, string? Link, DateTimeOffset At, bool IsRead)
{
    public const string Entity = "notification";

    private static readonly string[] Names = ["kind", "text", "link", "created_at", "read_at"];

    /// <summary>Where it leads, if that is a page of the product: a link that came with a text must lead nowhere else.</summary>
    public string? SafeLink => Link is ['/', not '/' and not '\\', ..] or "/" ? Link : null;

    /// <summary>Whether an administrator has left the entity what the bell needs.</summary>
    public static bool Fits(Entity entity) => Names.Append("user").All(n => entity.Find(n) is { IsStored: true });

    public static IReadOnlyList<FieldPath> Fields(Entity entity) => [.. Names.Select(n => new FieldPath([entity[n]]))];

    public static Notice Of(RecordRow row) => new(row.Id, row[0] as string ?? "", row[1] as string ?? "", row[2] as string, row[3] is DateTimeOffset at ? at : default, row[4] is not null);
}
