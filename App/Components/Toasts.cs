namespace ScoreTracking.Components;

/// <summary>Short words after something was done, shown for a few seconds. One per viewer's connection.</summary>
public sealed class Toasts
{
    private readonly List<Toast> _shown = [];

    /// <summary>Raised after a change, on the caller's thread.</summary>
    public event Action? Changed;

    public IReadOnlyList<Toast> Shown
    {
        get
        {
            lock (_shown)
            {
                return [.. _shown];
            }
        }
    }

    public void Show(string text, Tone tone = Tone.Good)
    {
        lock (_shown)
        {
            // More than three at once are not read.
            if (_shown.Count == 3)
            {
                _shown.RemoveAt(0);
            }

            _shown.Add(new Toast(text, tone));
        }

        Changed?.Invoke();
    }

    public void Dismiss(Toast toast)
    {
        lock (_shown)
        {
            _shown.RemoveAll(shown => ReferenceEquals(shown, toast));
        }

        Changed?.Invoke();
    }
}

/// <summary>Words shown. Two that say the same are still two, which a record would not be.</summary>
public sealed class Toast(string text, Tone tone)
{
    public string Text { get; } = text;

    public Tone Tone { get; } = tone;
}
