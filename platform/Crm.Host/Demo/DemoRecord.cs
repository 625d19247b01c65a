namespace Crm.Host.Demo;

/// <summary>One record of the demo company, ready to be written: its values are those of the field types, choices as their value.</summary>
/// <param name="Entity">Name of the entity.</param>
/// <param name="At">When the record came about; never later than the moment for which the company was made.</param>
/// <param name="By">The person who entered it; null for what was there before anybody.</param>
/// <param name="Change">
/// Whether these are further values of a record that came earlier. A unit and its head point at each other, so one of the two
/// references can only be written once both exist.
/// </param>
public sealed record DemoRecord(string Entity, Guid Id, IReadOnlyDictionary<string, object?> Values, DateTimeOffset At, Guid? By, bool Change = false);

/// <summary>A person of the demo company who is given an account, so that each kind of work can be tried.</summary>
/// <param name="Email">The person's address, by which the user is found.</param>
/// <param name="Role">What the person is: administrator, sales_manager or seller.</param>
public sealed record DemoSignIn(string Name, string Email, string Role);
