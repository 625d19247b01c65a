using System.Text.Json;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>
/// Something that is kept for every record of an entity and follows from a definition: a figure over other records, the match forms of a duplicate
/// rule. Writes keep it right; when its definition changes it has to be made anew for the records that there are.
/// </summary>
/// <param name="Table">Where the platform notes by which definition it was made.</param>
/// <param name="KeyColumn">Column of the name.</param>
/// <param name="MarkColumn">Column of the definition.</param>
/// <param name="Key">Its name.</param>
/// <param name="Mark">Its definition, and those of what it is made from.</param>
/// <param name="Entity">Whose records.</param>
/// <param name="RenewAsync">Makes it anew for some records.</param>
internal sealed record Derivation(string Table, string KeyColumn, string MarkColumn, string Key, string Mark, Entity Entity, Func<Session, IReadOnlyList<Guid>, CancellationToken, ValueTask> RenewAsync)
{
    /// <summary>Everything of a Model that is kept so; what is made from another of them comes after it.</summary>
    public static IReadOnlyList<Derivation> Of(Model model, Rules.SqlDialect dialect, Func<DateTimeOffset> now)
    {
        var entities = model.Entities.Values.Where(e => !e.IsSystem).OrderBy(e => e.Name, StringComparer.Ordinal).ToList();
        return
        [
            .. Sorted([.. entities.SelectMany(e => e.OwnFields).Where(f => f.Type is RollupFieldType)]).Select(Figure),
            .. entities.SelectMany(DuplicateRule.Of).Select(rule => new Derivation(
                SystemTables.MatchRule, "rule", "fingerprint", rule.Key, rule.Fingerprint, rule.Entity,
                async (session, ids, cancellationToken) =>
                    await MatchIndex.NoteAsync(session, rule, [.. (await EntityTable.Of(rule.Entity).LoadAsync(session, ids, cancellationToken, dialect.LockRows)).Values], cancellationToken))),
        ];

        Derivation Figure(Field rollup) => new(
            SystemTables.Rollup, "field", "signature", rollup.ToString(), MarkOf(Below(rollup, [])), rollup.Entity,
            (session, ids, cancellationToken) => Rollups.RenewAsync(session, dialect, rollup, ids, now(), cancellationToken));
    }

    /// <summary>A filter that is faulty can come right without a word of its own, by the fields that it names.</summary>
    private static string MarkOf(List<Field> rollups) => JsonSerializer.Serialize(rollups.Select(f => f.Definition), MetadataFiles.Json) + string.Concat(rollups.Select(Rollups.FaultOf));

    /// <summary>A figure and the figures that it is made from, each once: figures over a tree are made from themselves.</summary>
    private static List<Field> Below(Field rollup, List<Field> seen)
    {
        if (!seen.Contains(rollup))
        {
            seen.Add(rollup);
            foreach (var read in Rollups.FieldsRead(rollup).Where(f => f.Type is RollupFieldType))
            {
                Below(read, seen);
            }
        }
        return seen;
    }

    private static List<Field> Sorted(List<Field> rollups)
    {
        var (sorted, begun) = (new List<Field>(), new HashSet<Field>());
        rollups.ForEach(Add);
        return sorted;

        void Add(Field rollup)
        {
            if (begun.Add(rollup))
            {
                foreach (var read in Rollups.FieldsRead(rollup).Where(f => f.Type is RollupFieldType))
                {
                    Add(read);
                }
                sorted.Add(rollup);
            }
        }
    }
}
