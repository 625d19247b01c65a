namespace Crm.Data;

/// <summary>A token that a person made for a program.</summary>
/// <param name="Scope"><c>read</c> or <c>write</c>; who may write may also read.</param>
public sealed record AccessToken(Guid Id, string Name, string Scope, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <summary>Who a token speaks for, and what it may do.</summary>
/// <param name="Scope">Null for the token of a sign-in, which may do what the person may.</param>
public readonly record struct TokenBearer(Guid UserId, string? Scope);
