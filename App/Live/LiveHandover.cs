using System.Collections.Concurrent;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace ScoreTracking.Live;

/// <summary>
/// Carries what prerendering read over to the connection that takes the page over, so the page does not fall back to
/// "loading" for a moment. Only a random name travels through the browser, protected by the framework; values stay here.
/// </summary>
internal sealed class LiveHandover(PersistentComponentState state, LiveHandover.Shelf shelf) : IDisposable
{
    private const string StateKey = "live";

    private readonly Dictionary<string, object?> _offered = new(StringComparer.Ordinal);
    private IReadOnlyDictionary<string, object?>? _received;
    private PersistingComponentStateSubscription? _persisting;

    /// <summary>What prerendering read for this section, if that was seconds ago. Each value is given once.</summary>
    public bool TryTake<T>(string section, out T? value)
    {
        _received ??= state.TryTakeFromJson<string>(StateKey, out var name) && name is not null ? shelf.Take(name) : Shelf.Nothing;
        var isThere = _received.TryGetValue(section, out var found) && found is T;
        value = isThere ? (T)found! : default;
        return isThere;
    }

    public void Offer<T>(string section, T value)
    {
        _persisting ??= state.RegisterOnPersisting(PersistAsync, RenderMode.InteractiveServer);

        // Two sections of the same name could not be told apart: neither is handed over.
        _offered[section] = _offered.ContainsKey(section) ? null : value;
    }

    public void Dispose() => _persisting?.Dispose();

    private Task PersistAsync()
    {
        state.PersistAsJson(StateKey, shelf.Put(new Dictionary<string, object?>(_offered)));
        return Task.CompletedTask;
    }

    /// <summary>Where values wait for their connection: seconds, or for nothing when the visitor has no script.</summary>
    internal sealed class Shelf(TimeProvider time)
    {
        private const int Capacity = 200;
        private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(20);

        private readonly ConcurrentDictionary<string, (DateTimeOffset At, IReadOnlyDictionary<string, object?> Values)> _waiting = new(StringComparer.Ordinal);

        public static IReadOnlyDictionary<string, object?> Nothing { get; } = new Dictionary<string, object?>();

        public string Put(IReadOnlyDictionary<string, object?> values)
        {
            var now = time.GetUtcNow();
            foreach (var (old, waiting) in _waiting)
            {
                if (_waiting.Count >= Capacity || now - waiting.At > KeptFor)
                {
                    _waiting.TryRemove(old, out _);
                }
            }

            var name = Guid.NewGuid().ToString("N");
            _waiting[name] = (now, values);
            return name;
        }

        public IReadOnlyDictionary<string, object?> Take(string name) =>
            _waiting.TryRemove(name, out var waiting) && time.GetUtcNow() - waiting.At <= KeptFor ? waiting.Values : Nothing;
    }
}
