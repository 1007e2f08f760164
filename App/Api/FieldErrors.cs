using System.Text;
using ScoreTracking.Data;

namespace ScoreTracking.Api;

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

    /// <summary>Checks text of one line, as headers and lists show it.</summary>
    public void Line(string path, string? text, int max, bool required)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            if (required)
            {
                Add(path, "required");
            }

            return;
        }

        if (text.Length > max)
        {
            Add(path, $"longer than {max} characters");
        }

        if (text.Any(char.IsControl))
        {
            Add(path, "control characters are not allowed");
        }
    }

    /// <summary>Checks text of many lines.</summary>
    public void Document(string path, string? text, int maxBytes)
    {
        if (text is null)
        {
            return;
        }

        if (Encoding.UTF8.GetByteCount(text) > maxBytes)
        {
            Add(path, $"larger than {maxBytes / 1024 / 1024} MB");
        }

        if (text.Contains('\0'))
        {
            Add(path, "NUL characters are not allowed");
        }
    }

    public void Address(string path, string address)
    {
        if (!EmailAddress.TryParse(address, out _))
        {
            Add(path, address.Length == 0 ? "required" : "not an email address");
        }
    }

    public Dictionary<string, string[]> ToDictionary() => _errors.ToDictionary(field => field.Key, field => field.Value.ToArray(), StringComparer.Ordinal);
}
