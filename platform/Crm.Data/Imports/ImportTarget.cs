using Crm.Metadata;

namespace Crm.Data;

/// <summary>Where a column goes: a field, or a part of its value such as the city of an address.</summary>
/// <param name="Field">The field that is written.</param>
/// <param name="Part">Which part of its value; null for the whole.</param>
public sealed record ImportTarget(Field Field, Field? Part = null)
{
    /// <summary>What other programs call the parts of addresses and amounts.</summary>
    private static readonly Dictionary<string, string[]> PartAliases = new(StringComparer.Ordinal)
    {
        ["street"] = ["address", "address line", "address 1", "street address", "strasse", "地址", "街道地址"],
        ["postal_code"] = ["zip", "zip code", "postcode", "post code", "postalcode", "plz", "邮政编码"],
        ["city"] = ["town", "ort", "stadt", "所在城市"],
        ["region"] = ["state", "province", "county", "bundesland", "省份"],
        ["country"] = ["country code", "land", "国家/地区"],
        ["currency"] = ["currency code", "wahrung", "货币"],
        ["lat"] = ["latitude"],
        ["lon"] = ["longitude", "lng"],
    };

    /// <summary>As mappings write it: <c>amount</c>, <c>address.city</c>.</summary>
    public string Path => Part is null ? Field.Name : Field.Name + "." + Part.Name;

    /// <summary>As people read it.</summary>
    public string Label => Part is null ? Field.Label.ToString() : $"{Field.Label} / {Part.Label}";

    /// <summary>The parts of a value that files can give; what a value is worth follows from the rest.</summary>
    public static IEnumerable<Field> PartsOf(Field field) => field.Type.SpreadsInFiles ? field.Parts.Where(p => p.Name != "converted") : [];

    /// <summary>What a mapping names; null where there is no such field, or a value of it has no such part.</summary>
    public static ImportTarget? Find(Entity entity, string path)
    {
        if (entity.Find(path) is { } field)
        {
            return new(field);
        }
        var dot = path.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && entity.Find(path[..dot]) is { } whole && PartsOf(whole).FirstOrDefault(p => p.Name == path[(dot + 1)..]) is { } part ? new(whole, part) : null;
    }

    /// <summary>Everything of an entity that columns can go to, in order.</summary>
    public static IEnumerable<ImportTarget> Of(Entity entity) => WritableOf(entity).SelectMany(f => PartsOf(f).Select(p => new ImportTarget(f, p)).Prepend(new(f)));

    /// <summary>What a column of a file most likely means: by name, by label in any language, by alias.</summary>
    public static ImportTarget? Suggest(string column, Entity entity)
    {
        var name = column.EndsWith(ImportPlan.IdSuffix, StringComparison.Ordinal) ? column[..^ImportPlan.IdSuffix.Length] : column;
        var wanted = Normalize(name);
        var writable = WritableOf(entity).ToList();
        var field = writable.Find(f => Normalize(f.Name) == wanted)
            ?? writable.Find(f => f.Label.ByLanguage.Values.Any(l => Normalize(l) == wanted))
            ?? writable.Find(f => f.Definition.Aliases.Any(a => Normalize(a) == wanted));
        return field is not null ? new(field)
            : Find(entity, name) is { Part: not null, Field.IsWritable: true } exact ? exact
            : SuggestPart(wanted, writable);
    }

    /// <summary>What a column without a telling name holds, by its texts: addresses of mail and web, telephone numbers, choices.</summary>
    public static ImportTarget? SuggestByContent(IReadOnlyCollection<string> texts, Entity entity, IEnumerable<Field> taken) => texts.Count == 0 ? null
        : WritableOf(entity).Except(taken).Where(f => f.Type switch
        {
            EmailFieldType or ContactListFieldType { Item: EmailFieldType } => texts.All(t => t.Contains('@', StringComparison.Ordinal)),
            UrlFieldType or ContactListFieldType { Item: UrlFieldType } => texts.All(t => t.Contains("://", StringComparison.Ordinal) || t.StartsWith("www.", StringComparison.OrdinalIgnoreCase)),
            PhoneFieldType or ContactListFieldType { Item: PhoneFieldType } => texts.All(t => t.Count(char.IsAsciiDigit) is >= 7 and <= 15 && t is ['+' or '(' or '0', ..]),
            ChoiceFieldType => texts.All(t => !t.All(char.IsAsciiDigit)),
            _ => false,
        } && texts.All(t => f.Type.FromText(t, TextFormat.Invariant).Fault is null)).Select(f => new ImportTarget(f)).FirstOrDefault();

    internal static string Normalize(string name) => Folding.Fold(name).Replace('_', ' ').Replace('-', ' ').Trim();

    /// <summary><c>City</c>, <c>billing address city</c> and <c>Billing address / City</c>; of several addresses, the first.</summary>
    private static ImportTarget? SuggestPart(string wanted, List<Field> writable)
    {
        foreach (var field in writable)
        {
            foreach (var part in PartsOf(field))
            {
                var parts = part.Label.ByLanguage.Values.Select(Normalize).Append(Normalize(part.Name)).ToList();
                var wholes = field.Label.ByLanguage.Values.Select(Normalize).Append(Normalize(field.Name)).Concat(field.Definition.Aliases.Select(Normalize));
                if (wholes.Any(w => parts.Any(p => wanted == $"{w} {p}" || wanted == $"{w} / {p}" || wanted == $"{w}.{p}")))
                {
                    return new(field, part);
                }
            }
        }
        return writable.SelectMany(f => PartsOf(f).Select(p => new ImportTarget(f, p))).FirstOrDefault(t =>
            t.Part!.Label.ByLanguage.Values.Any(l => Normalize(l) == wanted) || Normalize(t.Part.Name) == wanted || (PartAliases.TryGetValue(t.Part.Name, out var aliases) && aliases.Contains(wanted)));
    }

    private static IEnumerable<Field> WritableOf(Entity entity) => entity.OwnFields.Concat(entity.Fields.Where(f => f.IsSystem)).Where(f => f.IsWritable);
}
