using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Options;

namespace ScoreTracking.Auth;

/// <summary>How many live pages are open, and whose: each holds memory here, so there is an end to them.</summary>
internal sealed class OpenPages(IOptions<AuthOptions> options)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, int> _byUser = [];
    private int _all;

    /// <summary>Takes a place; false when the user, or all together, have as many as there may be.</summary>
    public bool TryOpen(long userId)
    {
        lock (_lock)
        {
            var open = _byUser.GetValueOrDefault(userId);
            if (open >= options.Value.PagesPerUser || _all >= options.Value.Pages)
            {
                return false;
            }

            _byUser[userId] = open + 1;
            _all++;
            return true;
        }
    }

    public void Close(long userId)
    {
        lock (_lock)
        {
            _all--;
            if (--_byUser[userId] == 0)
            {
                _byUser.Remove(userId);
            }
        }
    }
}

/// <summary>Gives a page its place when it comes alive, and takes it back when the page is gone. Without one the frame shows why, and reads nothing.</summary>
public sealed class OpenPage : CircuitHandler
{
    private readonly OpenPages _pages;
    private readonly AuthenticationStateProvider _viewer;
    private long? _userId;

    internal OpenPage(OpenPages pages, AuthenticationStateProvider viewer) => (_pages, _viewer) = (pages, viewer);

    /// <summary>Too many are open already.</summary>
    public bool IsRefused { get; private set; }

    public override async Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        var userId = Sessions.UserId((await _viewer.GetAuthenticationStateAsync()).User) ?? 0;
        if (_pages.TryOpen(userId))
        {
            _userId = userId;
        }
        else
        {
            IsRefused = true;
        }
    }

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (_userId is { } userId)
        {
            _userId = null;
            _pages.Close(userId);
        }

        return Task.CompletedTask;
    }
}
