namespace Crm.Data;

/// <summary>A browser in which a person is signed in.</summary>
/// <param name="SeenAt">When it was last heard of, to within some minutes.</param>
/// <param name="Agent">What the browser says about itself.</param>
/// <param name="Address">The network address from which the person signed in.</param>
public sealed record SignInSession(Guid Id, DateTimeOffset CreatedAt, DateTimeOffset SeenAt, string? Agent, string? Address);
