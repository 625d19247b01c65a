using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Crm.Metadata;

namespace Crm.Data;

/// <summary>A compiled duplicate rule: which fields, compared how.</summary>
internal sealed class DuplicateRule
{
    /// <summary>No text that is stored can hold it.</summary>
    private const char Separator = '\u001f';

    /// <summary>Characters up to which a form stands for itself; they have room in the indexes of every database.</summary>
    private const int LongestForm = 500;

    private static readonly ConditionalWeakTable<Entity, IReadOnlyList<DuplicateRule>> Kept = [];

    private readonly (Field Field, MatchHow How)[] _match;

    private DuplicateRule(Entity entity, DuplicateRuleDefinition definition)
    {
        (Entity, Definition) = (entity, definition);
        _match = [.. definition.Match.Select(m => (entity[m.Field], m.How))];
    }

    public Entity Entity { get; }

    public DuplicateRuleDefinition Definition { get; }

    /// <summary>The field at which a refusal is shown.</summary>
    public Field Field => _match[0].Field;

    public string Key => $"{Entity.Name}.{Definition.Name}";

    /// <summary>Changes when stored forms have to be computed anew.</summary>
    public string Fingerprint => JsonSerializer.Serialize(_match.Select(m => $"{m.Field.Name}:{m.How}:{m.Field.Definition.Type}")) + (MayBeLong ? " hashed" : "");

    /// <summary>Whether there can be forms that do not stand for themselves; those of short texts are as they always were.</summary>
    private bool MayBeLong => _match.Sum(m => m.How == MatchHow.Phone ? 0 : m.Field.Type is TextualFieldType { MaxLength: var most } ? (long)most : LongestForm) >= LongestForm;

    /// <summary>The rules of an entity that its fields allow; the others are problems of its file.</summary>
    public static IReadOnlyList<DuplicateRule> Of(Entity entity) => Kept.GetValue(entity, e => [.. e.Definition.Duplicates.Where(d => d.Match.Count > 0 && d.Match.All(m => e.Find(m.Field) is { IsStored: true })).Select(d => new DuplicateRule(e, d))]);

    /// <summary>What is equal for probable duplicates; null if a value is missing, which matches nothing.</summary>
    public string? FormOf(Record record)
    {
        var forms = new string[_match.Length];
        for (var i = 0; i < forms.Length; i++)
        {
            var (field, how) = _match[i];
            if (record[field] is not { } value || MatchForm.Of(how, field.Type.ToText(value, CultureInfo.InvariantCulture)) is not { } form)
            {
                return null;
            }
            forms[i] = form;
        }
        return Fit(string.Join(Separator, forms));
    }

    /// <summary>A digest stands for what is too long; since no form is empty, none begins as it does.</summary>
    private static string Fit(string form) =>
        form.Length <= LongestForm ? form : Separator + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(form)));
}
