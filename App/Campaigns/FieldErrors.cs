namespace ScoreTracking.Campaigns;

/// <summary>What is wrong with a request, by the path of the field: "ab_test.factors[0].levels".</summary>
internal sealed class FieldErrors
{
    private readonly Dictionary<string, List<string>> _errors = new(StringComparer.Ordinal);

    public bool None => _errors.Count == 0;

    public void Add(string path, string error)
    {
        if (!_errors.TryGetValue(path, out var errors))
        {
            _errors[path] = errors = [];
        }

        errors.Add(error);
    }

    public Dictionary<string, string[]> ToDictionary() => _errors.ToDictionary(field => field.Key, field => field.Value.ToArray(), StringComparer.Ordinal);
}
