using System.Text.Json;

namespace ScoreTracking.Contacts;

/// <summary>
/// What the columns of a file are: <c>email</c>, <c>customer_id</c>, <c>tracking_consent</c>, the name of an attribute, or
/// null for nothing. A column it does not mention is what its own name says.
/// </summary>
public sealed class ColumnMapping
{
    public const string Email = "email";
    public const string CustomerId = "customer_id";
    public const string Consent = "tracking_consent";

    /// <summary>As many as a file may have.</summary>
    private const int MaxColumns = 200;

    private readonly Dictionary<string, string?> _targets;

    public ColumnMapping(IEnumerable<KeyValuePair<string, string?>> targets) => _targets = new(targets, StringComparer.OrdinalIgnoreCase);

    /// <summary>By column name.</summary>
    public IReadOnlyDictionary<string, string?> Targets => _targets;

    /// <summary>Reads a mapping; null for none. <paramref name="error"/> says what is wrong with it, "" when nothing is.</summary>
    public static ColumnMapping? Read(string? json, out string error)
    {
        error = "";
        if (string.IsNullOrEmpty(json))
        {
            return null;
        }

        try
        {
            var targets = JsonSerializer.Deserialize<Dictionary<string, string?>>(json);
            error = targets is null ? "must be a JSON object" : Check(targets);
            return error.Length == 0 ? new ColumnMapping(targets!.Select(target => KeyValuePair.Create(target.Key.Trim(), target.Value?.Trim()))) : null;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            error = "must be a JSON object: the names of columns with what each is, a text or null";
            return null;
        }
    }

    public string Write() => JsonSerializer.Serialize(_targets);

    internal string? TargetOf(string column) => _targets.TryGetValue(column, out var target) ? target : column;

    /// <summary>A column it mentions and the file does not have, or null.</summary>
    internal string? Missing(IReadOnlySet<string> columns) => _targets.Keys.FirstOrDefault(column => !columns.Contains(column));

    private static string Check(Dictionary<string, string?> targets)
    {
        if (targets.Count > MaxColumns)
        {
            return $"has more than {MaxColumns} columns";
        }

        foreach (var target in targets.Values)
        {
            if (target is not null && !ContactRow.IsData(target.Trim(), ""))
            {
                return $"\"{target}\" is no name of an attribute";
            }
        }

        var twice = targets.Values.Where(target => target is not null).GroupBy(target => target!.Trim(), StringComparer.OrdinalIgnoreCase).FirstOrDefault(same => same.Count() > 1);
        return twice is null ? "" : $"two columns are to be \"{twice.Key}\"";
    }
}
