namespace Crm.Workflow;

/// <summary>What a workflow wants the request that is open to be answered with.</summary>
public sealed record HttpResponseWish(int Status, object? Content, string? ContentType, IReadOnlyDictionary<string, object?>? Headers);
