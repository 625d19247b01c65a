using System.Security.Claims;
using Crm.Data;
using Microsoft.AspNetCore.Components.Authorization;

namespace Crm.Ui.Shell;

/// <summary>Who sits in front of this browser tab. The layout asks for it before it shows anything, so that every component inside simply has it.</summary>
public sealed class CurrentActor(AuthenticationStateProvider authentication, ActorDirectory directory, SignIns signIns)
{
    private Actor? _actor;

    public Actor Actor => _actor ?? throw new InvalidOperationException("The layout has not found out who is signed in.");

    /// <summary>The sign-in of this browser.</summary>
    public Guid? SignIn { get; private set; }

    public bool IsKnown => _actor is not null;

    /// <summary>Looks again, because rights may have changed; false if nobody is signed in or the person is no longer active.</summary>
    public async Task<bool> RefreshAsync()
    {
        var state = await authentication.GetAuthenticationStateAsync();
        SignIn = SignIns.IdOf(state.User);
        if (SignIn is { } signIn && !await signIns.IsOpenAsync(signIn, CancellationToken.None))
        {
            _actor = null;
            return false;
        }
        _actor = Guid.TryParse(state.User.FindFirstValue(ClaimTypes.NameIdentifier), out var id) ? await directory.FindAsync(id) : null;
        return IsKnown;
    }
}
