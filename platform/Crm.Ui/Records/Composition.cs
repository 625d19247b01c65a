using Crm.Data;
using Crm.Metadata;

namespace Crm.Ui.Records;

/// <summary>What can be written about a record from its own page: notes first, then calls, meetings, mails and tasks, as far as metadata has them.</summary>
internal static class Composition
{
    private static readonly string[] First = ["note", "call", "meeting", "mail_message", "task"];

    public static bool IsNote(Entity entity) => entity.Name == First[0];

    public static IReadOnlyList<Entity> For(Model model, Entity of, Actor actor) =>
    [
        .. model.Entities.Values
            .Where(e => !e.IsSystem && (Interactions.Is(e) || IsNote(e)) && Interactions.About(e, of) is not null && Authority.May(actor, Operation.Create, e))
            .OrderBy(e => Array.IndexOf(First, e.Name) is >= 0 and var place ? place : First.Length)
            .ThenBy(e => e.Label.ToString(), StringComparer.CurrentCultureIgnoreCase),
    ];
}
