using Crm.Metadata;
using Crm.Rules;
using Crm.Ui.Fields;
using Crm.Ui.Records;
using Crm.Ui.Shell;

namespace Crm.Ui.Filters;

/// <summary>Conditions as a person would say them: "Stage is one of Won, Lost".</summary>
public sealed class FilterWords(UiText texts, FieldText fieldText, RecordTitles titles)
{
    /// <summary>The condition in words; names of records that it mentions are read first.</summary>
    public async Task<string> DescribeAsync(Condition condition, CancellationToken cancellationToken = default)
    {
        var names = await titles.OfAsync(References(condition), cancellationToken);
        return Describe(condition, names);
    }

    public static string LabelOf(FieldPath path) =>
        string.Join(" · ", path.Steps.Where((step, i) => i == 0 || i < path.Steps.Count - 1 || step != path.Steps[i - 1].Target?.TitleField).Select(s => s.Label.ToString()));

    /// <summary>The comparison in words that fit the kind of value: an amount is "less", a day is "before".</summary>
    public string OperatorOf(FieldType type, ConditionOperator op)
    {
        var name = Operators.NameOf(op);
        var special = $"operator.{(type is TemporalFieldType ? "time" : type is TextSetFieldType ? "list" : type is ChoiceFieldType or ReferenceFieldType ? "choice" : type.IsNumeric ? "number" : "text")}.{name}";
        return texts.Has(special) ? texts[special] : texts["operator." + name];
    }

    public string SpanOf(string span) => texts.Has("span." + span) ? texts["span." + span]
        : RelativeTimes.Counted(span) is var (forwards, count, unit) ? texts[$"span.{(forwards ? "next" : "last")}{char.ToUpperInvariant(unit[0])}{unit[1..]}", count]
        : span;

    private string Describe(Condition condition, IReadOnlyDictionary<Guid, string> names) => condition switch
    {
        Comparison comparison => Describe(comparison, names),
        Not not => texts["filter.not", Describe(not.Inner, names)],
        AllOf all => Join(all.Parts, "filter.and", names),
        AnyOf any => Join(any.Parts, "filter.or", names),
        _ => "",
    };

    private string Join(IReadOnlyList<Condition> parts, string glue, IReadOnlyDictionary<Guid, string> names) =>
        string.Join(texts[glue], parts.Select(p => p is AllOf or AnyOf ? $"({Describe(p, names)})" : Describe(p, names)));

    private string Describe(Comparison c, IReadOnlyDictionary<Guid, string> names)
    {
        var field = c.Path.Field;
        var op = OperatorOf(field.Type, c.Operator);
        var value = c.Operand switch
        {
            Variable variable => texts["variable." + variable.Name],
            OtherField other => LabelOf(other.Path),
            RelativeTime relative => SpanOf(relative.Span),
            Constants constants when c.Operator == ConditionOperator.Between => string.Join(texts["filter.between"], constants.Values.Select(v => ValueOf(field, v, names))),
            Constants constants => string.Join(texts["filter.comma"], constants.Values.Select(v => ValueOf(field, v, names))),
            _ => "",
        };
        return texts["filter.term", LabelOf(c.Path), op, value].TrimEnd();
    }

    private string ValueOf(Field field, object? value, IReadOnlyDictionary<Guid, string> names) =>
        value is Variable variable ? texts["variable." + variable.Name] : value is null ? texts["filter.empty"] : fieldText.Of(field, value, field.PointedTo(value) is { } to ? names.GetValueOrDefault(to.Id) : null);

    private static IEnumerable<(Entity, Guid)> References(Condition condition) => condition switch
    {
        Comparison { Operand: Constants constants } comparison => constants.Values.SelectMany(comparison.Path.Field.PointedToBy),
        Not not => References(not.Inner),
        AllOf all => all.Parts.SelectMany(References),
        AnyOf any => any.Parts.SelectMany(References),
        _ => [],
    };
}
