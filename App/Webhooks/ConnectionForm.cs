using ScoreTracking.Connections;

namespace ScoreTracking.Webhooks;

/// <summary>What somebody is entering for a connection.</summary>
public sealed class ConnectionForm
{
    private const string DefaultUser = "scoretracking";

    private readonly HashSet<string> _made = new(StringComparer.Ordinal);

    private ConnectionForm(string name, bool usesBasic) => (Name, UsesBasic) = (name, usesBasic);

    public string Name { get; set; }
    public Dictionary<string, string> Secrets { get; } = new(StringComparer.Ordinal);
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);
    public bool UsesBasic { get; set; }
    public string User { get; set; } = DefaultUser;
    public string Password { get; set; } = AdapterParts.NewPassword();

    /// <summary>A new connection: what we choose is chosen already, so that most people need not think about it.</summary>
    public static ConnectionForm New(ConnectionShape shape)
    {
        var form = new ConnectionForm(shape.Name, shape.BasicAuthSuffices && !shape.Secrets.Any(field => field.Make is not null));
        foreach (var field in shape.Secrets)
        {
            form.Make(field);
        }

        return form;
    }

    /// <summary>For a change; secrets begin empty, for what is stored is never shown.</summary>
    public static ConnectionForm Of(ConnectionAnswer connection)
    {
        var form = new ConnectionForm(connection.Name, connection.BasicAuthUser is not null) { User = connection.BasicAuthUser ?? DefaultUser };
        foreach (var (key, value) in connection.Settings)
        {
            form.Settings[key] = value;
        }

        return form;
    }

    /// <summary>Chooses a secret where it is ours to choose.</summary>
    public void Make(ConnectionField field)
    {
        if (field.Make is { } make)
        {
            Secrets[field.Key] = make();
            _made.Add(field.Key);
        }
    }

    public void SetSecret(string key, string value)
    {
        Secrets[key] = value;
        _made.Remove(key);
    }

    /// <summary>Empty fields are fields left out.</summary>
    public static Dictionary<string, string> Filled(Dictionary<string, string> fields) =>
        fields.Where(field => !string.IsNullOrWhiteSpace(field.Value)).ToDictionary(field => field.Key, field => field.Value.Trim(), StringComparer.Ordinal);

    public BasicAuth? Basic => UsesBasic ? new BasicAuth(User.Trim(), Password) : null;

    /// <summary>Secrets made here, which nobody has seen elsewhere.</summary>
    public IReadOnlyList<(string Label, string Value)> MadeOf(ConnectionShape shape) =>
        [.. shape.Secrets.Where(field => _made.Contains(field.Key) && Secrets.ContainsKey(field.Key)).Select(field => (field.Label, Secrets[field.Key]))];
}
