using System.Text.Json;
using System.Text.Json.Serialization;

namespace Crm.Workflow;

/// <summary>What somebody said who had a task before it went on to the next.</summary>
public sealed record TaskSignature(Guid? By, string? Outcome, string? Comment, DateTimeOffset At);

/// <summary>Through whose hands a task went, and through whose it will go before it is done.</summary>
/// <param name="Passed">Who passed it on, the last at the end; null stands for all who might have taken it.</param>
/// <param name="Next">Who has to do it after the one who has it now.</param>
/// <param name="Signatures">What those said who did their part.</param>
public sealed record TaskTrail(IReadOnlyList<Guid?> Passed, IReadOnlyList<Guid> Next, IReadOnlyList<TaskSignature> Signatures)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static readonly TaskTrail None = new([], [], []);

    internal static TaskTrail Read(string? text) => text is null ? None : JsonSerializer.Deserialize<TaskTrail>(text, Json)!;

    internal string Write() => JsonSerializer.Serialize(this, Json);

    /// <summary>It goes from one to another.</summary>
    internal TaskTrail PassedBy(Guid? giver) => this with { Passed = [.. Passed, giver] };
}
