namespace Crm.Data;

/// <summary>Which sign-in has ended.</summary>
public sealed class SignInEndedEventArgs(Guid id) : EventArgs
{
    public Guid Id { get; } = id;
}
