using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Data;

namespace ScoreTracking.Connections;

/// <summary>A connection mail can be handed to: secrets decrypted. Changes make a new one.</summary>
public sealed class SendingConnection
{
    private const int DefaultConnections = 4;

    private readonly IReadOnlyDictionary<string, string> _secrets;
    private readonly IReadOnlyDictionary<string, string> _settings;

    internal SendingConnection(Connection stored, IReadOnlyDictionary<string, string> secrets, IReadOnlyDictionary<string, string> settings)
    {
        (Id, Name, Provider, Enabled) = (stored.Id, stored.Name, stored.Provider, stored.Enabled);
        (_secrets, _settings) = (secrets, settings);

        // Secrets are encrypted anew at every change, so that any change shows.
        Revision = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{stored.Secrets}\n{stored.Settings}\n{stored.Enabled}")), 0, 8);
    }

    public long Id { get; }
    public string Name { get; }
    public string Provider { get; }
    public bool Enabled { get; }

    /// <summary>Another one after every change: whatever was found out about the connection before may no longer hold.</summary>
    public string Revision { get; }

    /// <summary>What mail comes from for which nothing else is chosen; null where nobody said.</summary>
    public string? From => Setting("from") ?? (Setting("user") is { } user && Mail.WireAddress.TryParse(user, out _) ? user : null);

    /// <summary>Messages a second at most; null: no limit.</summary>
    public double? PerSecond => Setting("per_second") is { } rate ? double.Parse(rate, CultureInfo.InvariantCulture) : null;

    /// <summary>Transports at once.</summary>
    public int Connections => Setting("connections") is { } count ? int.Parse(count, CultureInfo.InvariantCulture) : DefaultConnections;

    /// <summary>Null where it is not set.</summary>
    public string? Setting(string key) => _settings.GetValueOrDefault(key);

    /// <summary>Null where it is not set.</summary>
    public string? Secret(string key) => _secrets.GetValueOrDefault(key);
}
