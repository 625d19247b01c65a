using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Crm.Metadata;

/// <summary>When two records of an entity are probably the same: all fields match, each in its way.</summary>
public sealed record DuplicateRuleDefinition
{
    public required string Name { get; init; }

    public Label? Label { get; init; }

    public required IReadOnlyList<DuplicateMatchDefinition> Match { get; init; }

    public DuplicateAction Action { get; init; }
}

/// <summary>One field of a duplicate rule.</summary>
public sealed record DuplicateMatchDefinition
{
    public required string Field { get; init; }

    [Description("exact; folded (case, accents and punctuation aside); email; phone (its last nine digits); name (words in any order, legal forms aside); nameSound (as it sounds).")]
    public MatchHow How { get; init; } = MatchHow.Folded;
}

/// <summary>What a probable duplicate does to the one who enters it.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DuplicateAction>))]
public enum DuplicateAction
{
    [JsonStringEnumMemberName("warn")] Warn,
    [JsonStringEnumMemberName("block")] Block,
}

/// <summary>In which form values are compared.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MatchHow>))]
public enum MatchHow
{
    [JsonStringEnumMemberName("exact")] Exact,
    [JsonStringEnumMemberName("folded")] Folded,
    [JsonStringEnumMemberName("email")] Email,
    [JsonStringEnumMemberName("phone")] Phone,
    [JsonStringEnumMemberName("name")] Name,
    [JsonStringEnumMemberName("nameSound")] NameSound,
}
