using System.Text.Json;
using Crm.Metadata;
using Crm.Rules;

namespace Crm.Data;

/// <summary>What is computed over a group.</summary>
public enum MeasureFunction
{
    Count, CountDistinct, Sum, Avg, Min, Max, Median,
    /// <summary>How many percent of the records meet a condition.</summary>
    Share,
    /// <summary>How many days lie between two dates, on average.</summary>
    Days,
}

/// <summary>A figure; <paramref name="Path"/> is null for a plain count, a share and days.</summary>
public sealed record Measure(MeasureFunction Function, FieldPath? Path, string Name)
{
    /// <summary>Which records go into the figure; for a share, which of them it is the share of.</summary>
    public Condition Filter { get; init; } = Condition.Always;

    /// <summary>Where days begin.</summary>
    public FieldPath? From { get; init; }

    /// <summary>Where days end.</summary>
    public FieldPath? To { get; init; }

    public static IReadOnlyDictionary<string, MeasureFunction> Functions { get; } =
        Enum.GetValues<MeasureFunction>().ToDictionary(f => JsonNamingPolicy.CamelCase.ConvertName(f.ToString()), StringComparer.Ordinal);

    /// <summary>Every path that the figure reads.</summary>
    public IEnumerable<FieldPath> Paths => new[] { Path, From, To }.OfType<FieldPath>();

    /// <summary>Binds what metadata or a request says to an entity.</summary>
    /// <param name="definition">What it says.</param>
    /// <param name="entity">Over whose records.</param>
    /// <param name="at">Where it stands, for problems.</param>
    /// <param name="name">What the figure is called; null for the function and the field.</param>
    /// <exception cref="ProblemException">The function is unknown, or does not fit the fields.</exception>
    public static Measure Of(MeasureDefinition definition, Entity entity, string at, string? name = null)
    {
        if (!Functions.TryGetValue(definition.Fn, out var function))
        {
            throw At(".fn", "aggregate.function", definition.Fn, string.Join(", ", Functions.Keys));
        }
        var path = definition.Field is { } field ? PathAt(field, ".field") : null;
        if (!Fits(function, path))
        {
            throw At(".field", "aggregate.field", definition.Fn);
        }
        var isDays = function == MeasureFunction.Days;
        if (!isDays && (definition.From ?? definition.To) is not null)
        {
            throw At(definition.From is null ? ".to" : ".from", "parameter.unknown", definition.From is null ? "to" : "from");
        }
        if (function == MeasureFunction.Share && definition.Filter is null)
        {
            throw At(".filter", "aggregate.share");
        }
        return new(function, path, name ?? (path is null ? definition.Fn : $"{definition.Fn}_{path}"))
        {
            Filter = definition.Filter is { } filter ? ReadFilter(filter) : Condition.Always,
            From = isDays ? DateAt(definition.From, ".from") : null,
            To = isDays ? DateAt(definition.To, ".to") : null,
        };

        FieldPath PathAt(string text, string member) => entity.Resolve(text) is { Field.IsStored: true } found ? found : throw At(member, "field.unknown", text, entity.Label);

        FieldPath DateAt(string? text, string member) => text is not null && PathAt(text, member) is { Field.Type: TemporalFieldType } found ? found : throw At(member, "aggregate.days");

        Condition ReadFilter(JsonElement filter)
        {
            try
            {
                return ConditionReader.Read(filter, entity);
            }
            catch (ProblemException e)
            {
                throw new ProblemException([.. e.Problems.Select(p => p with { Field = $"{at}.{p.Field ?? "filter"}" })]);
            }
        }

        ProblemException At(string member, string code, params object[] arguments) => new(Problem.At(at + member, ProblemKind.Invalid, code, arguments));
    }

    private static bool Fits(MeasureFunction function, FieldPath? path) => function switch
    {
        MeasureFunction.Count => true,
        MeasureFunction.CountDistinct => path?.Field.Type.IsGroupable == true,
        MeasureFunction.Sum or MeasureFunction.Avg or MeasureFunction.Median => path?.Field.Type.IsNumeric == true,
        MeasureFunction.Share or MeasureFunction.Days => path is null,
        _ => path?.Field.Type is OrderedFieldType or RollupFieldType,
    };
}
