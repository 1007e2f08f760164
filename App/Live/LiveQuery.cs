using ScoreTracking.Data;

namespace ScoreTracking.Live;

/// <summary>A read that several viewers share: two with the same topic and key are the same read, made once for all who watch.</summary>
/// <param name="topic">What is watched.</param>
/// <param name="key">Names the read and holds everything else it depends on, as one comparable value: <c>("summary", view)</c>.</param>
/// <param name="load">
/// Depends on nothing but values of its own, since it is kept and called for everybody; its answer is seen by several at
/// once and therefore never changed. Two calls never overlap.
/// </param>
public sealed class LiveQuery<T>(LiveTopic topic, object key, Func<ScoreDb, CancellationToken, Task<T>> load) : IEquatable<LiveQuery<T>>
{
    public LiveTopic Topic { get; } = topic;

    public object Key { get; } = key;

    public Func<ScoreDb, CancellationToken, Task<T>> Load { get; } = load;

    public bool Equals(LiveQuery<T>? other) => other is not null && Topic == other.Topic && Key.Equals(other.Key);

    public override bool Equals(object? obj) => Equals(obj as LiveQuery<T>);

    public override int GetHashCode() => HashCode.Combine(Topic, Key);

    public override string ToString() => $"{typeof(T)} {Topic} {Key}";
}
