using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Routing;

namespace ScoreTracking.Components;

/// <summary>
/// What a page's fields ask of its address. The browser tells an address back only when its answer has come: whatever is
/// chosen meanwhile is added to what was asked for last, and takes nothing of it back. One per viewer.
/// </summary>
public sealed class PageAddress(NavigationManager navigation) : IDisposable
{
    // Addresses asked for and not told back yet, the oldest first.
    private readonly Queue<string> _asked = new();
    private bool _listens;

    /// <summary>Goes to the same page with these names changed; null takes a name out.</summary>
    /// <param name="changes">By name.</param>
    /// <param name="oneStepBack">Whether Back leads past it: letters typed one after the other are one step, not ten.</param>
    public void Change(IReadOnlyDictionary<string, object?> changes, bool oneStepBack = false)
    {
        if (!_listens)
        {
            navigation.LocationChanged += Told;
            _listens = true;
        }

        var address = navigation.GetUriWithQueryParameters(_asked.LastOrDefault() ?? navigation.Uri, changes);
        _asked.Enqueue(address);
        navigation.NavigateTo(address, new NavigationOptions { ReplaceHistoryEntry = oneStepBack });
    }

    public void Dispose() => navigation.LocationChanged -= Told;

    // An address nobody asked for here is a link followed meanwhile: what was asked for before it is past.
    private void Told(object? sender, LocationChangedEventArgs change)
    {
        while (_asked.TryDequeue(out var asked) && asked != change.Location)
        {
        }
    }
}
