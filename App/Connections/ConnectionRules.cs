namespace ScoreTracking.Connections;

/// <summary>What a connection must be made of, by its provider's shape.</summary>
internal static class ConnectionRules
{
    public const int MaxName = 100;
    private const int MaxValue = 10_000;
    public const int MaxUser = 100;

    /// <returns>Errors by field path; empty when it is fine.</returns>
    public static Dictionary<string, string[]> Check(
        ConnectionShape shape, string name, ConnectionSecrets secrets, IReadOnlyDictionary<string, string> settings)
    {
        var errors = new Dictionary<string, string[]>();
        if (name.Trim() is not { Length: > 0 and <= MaxName } || name.Any(char.IsControl))
        {
            errors["name"] = [$"must have 1 to {MaxName} characters"];
        }

        CheckFields("secrets", shape.Secrets, secrets.Current, errors, required: !shape.BasicAuthSuffices || secrets.Basic is null);
        CheckFields("secrets_previous", shape.Secrets, secrets.Previous, errors, required: false);
        CheckFields("settings", shape.Settings, settings, errors, required: true);
        if (secrets.Basic is { } basic && (basic.User is not { Length: > 0 and <= MaxUser } || basic.User.Contains(':', StringComparison.Ordinal) || basic.Password is not { Length: >= 8 and <= MaxUser }))
        {
            errors["basic_auth"] = ["needs a user without a colon and a password of at least 8 characters"];
        }

        if (secrets.Basic is not null && !shape.Reports)
        {
            errors["basic_auth"] = ["is for webhooks, and this provider sends none"];
        }

        if (shape.BasicAuthSuffices && secrets.Basic is null && !secrets.Current.Keys.Any(key => shape.Secrets.Any(field => field.Key == key && !field.ForSending)))
        {
            // Nobody could tell its requests from a stranger's.
            errors["basic_auth"] = ["is required: this provider signs nothing else"];
        }

        if (secrets.Basic is not null && secrets.Current.ContainsKey("bearer_token"))
        {
            errors["basic_auth"] = ["cannot stand beside a bearer_token: a request carries only one of them"];
        }

        foreach (var (path, error) in errors.Count == 0 ? shape.CheckTogether(secrets.Current, settings) : [])
        {
            errors.TryAdd(path, [error]);
        }

        return errors;
    }

    private static void CheckFields(
        string path, IReadOnlyList<ConnectionField> fields, IReadOnlyDictionary<string, string> values, Dictionary<string, string[]> errors, bool required)
    {
        foreach (var (key, value) in values)
        {
            if (fields.FirstOrDefault(field => field.Key == key) is not { } field)
            {
                errors[$"{path}.{key}"] = [$"unknown; this provider takes {(fields.Count == 0 ? "none" : string.Join(", ", fields.Select(known => known.Key)))}"];
            }
            else if (value.Length is 0 or > MaxValue)
            {
                errors[$"{path}.{key}"] = [$"must have 1 to {MaxValue} characters"];
            }
            else if (field.Choices.Count > 0 && field.Choices.All(choice => choice.Value != value))
            {
                errors[$"{path}.{key}"] = [$"must be one of {string.Join(", ", field.Choices.Select(choice => choice.Value))}"];
            }
            else if (field.Check?.Invoke(value) is { } fault)
            {
                errors[$"{path}.{key}"] = [fault];
            }
        }

        foreach (var field in fields.Where(field => required && field is { Required: true, Later: false } && !values.ContainsKey(field.Key)))
        {
            errors[$"{path}.{field.Key}"] = ["required"];
        }
    }
}
