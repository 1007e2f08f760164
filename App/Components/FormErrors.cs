namespace ScoreTracking.Components;

/// <summary>What was wrong with a form, by the path of the field, as the API words it.</summary>
public sealed class FormErrors
{
    private readonly IReadOnlyDictionary<string, string[]> _errors;

    public FormErrors(IReadOnlyDictionary<string, string[]> errors) => _errors = errors;

    public static FormErrors None { get; } = new(new Dictionary<string, string[]>());

    public int Count => _errors.Count;

    /// <summary>The fault of a field; null when it is fine.</summary>
    public string? this[string path] => _errors.TryGetValue(path, out var errors) ? string.Join(", ", errors) : null;

    /// <summary>Faults of fields the form does not show, such as one that only the API sets.</summary>
    public IEnumerable<string> Except(Func<string, bool> isShown) =>
        _errors.Where(error => !isShown(error.Key)).Select(error => $"{error.Key}: {string.Join(", ", error.Value)}");
}
