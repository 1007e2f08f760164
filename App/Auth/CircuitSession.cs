using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.Options;

namespace ScoreTracking.Auth;

/// <summary>Looks again and again whether the viewer of a live page is still signed in; the page closes itself when not.</summary>
internal sealed class CircuitSession(ILoggerFactory loggers, Sessions sessions, IOptions<AuthOptions> options) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => options.Value.RevocationInterval;

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        try
        {
            return await sessions.IsValidAsync(authenticationState.User, cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            // The server stops, and its pages with it.
            return false;
        }
    }
}
