using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ScoreTracking.Connections;

/// <summary>A mail server that takes mail by SMTP: an ESP's relay, a provider's, or one's own.</summary>
internal sealed class SmtpKind : IConnectionKind
{
    public const string Name = "smtp";

    private const int MaxUser = 254;

    public string Provider => Name;

    public ConnectionShape Shape { get; } = new(
        "SMTP server",
        Secrets:
        [
            Secret("password", "Password", "Often one made for programs: an app password, an SMTP key."),
            Secret("client_secret", "Client secret", "Of the program registered at the provider, for XOAUTH2.") with { Rare = true },
            Secret("refresh_token", "Refresh token", "Empty: access tokens are asked for with the client secret alone.") with { Rare = true },
        ],
        Settings:
        [
            SendingFields.Setting("host", "Server", "smtp.example.com, or an IP address. It may lie in your own network.", SendingFields.CheckHost) with { Required = true, NeededToSend = true },
            SendingFields.Setting("port", "Port", "587 for STARTTLS, 465 for TLS, 25 for a relay of your own.", value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= 65_535 ? null : "is a number from 1 to 65535"),
            SendingFields.Setting("security", "Encryption", "What is not encrypted can be read, and changed, on the way.") with
            {
                Choices = [("starttls", "STARTTLS"), ("tls", "TLS from the start"), ("none", "None")],
                Default = "starttls",
            },
            SendingFields.Setting("user", "User name", "Empty for a relay that knows you by your address.", value => value.Length <= MaxUser && !value.Any(char.IsControl) ? null : $"has at most {MaxUser} characters, all on one line"),
            .. SendingFields.Common,
            SendingFields.Setting("hello_name", "Own name", "What this server calls itself when it connects. Empty: its IP address.", SendingFields.CheckHost) with { Rare = true },
            SendingFields.Setting("allow_sign_in_without_tls", "Sign in without encryption", "Anybody on the way can then read the password.") with { Rare = true, Choices = [("false", "Never"), ("true", "Allowed")], Default = "false" },
            SendingFields.Setting("authority_pem", "Certificate authority", "PEM. Trusted for this server instead of the system’s authorities: for a server with a certificate of your own.", CheckAuthority) with { Rare = true, Multiline = true },
            SendingFields.Setting("token_url", "Token URL", "Where access tokens for XOAUTH2 come from, https://login.microsoftonline.com/…/oauth2/v2.0/token. With it, no password is used.", CheckTokenUrl) with { Rare = true },
            SendingFields.Setting("client_id", "Client ID", "Of the program registered there.", OneLine) with { Rare = true },
            SendingFields.Setting("scope", "Scope", "https://outlook.office365.com/.default, or what your provider names.", OneLine) with { Rare = true },
        ],
        BasicAuthSuffices: false,
        Guide: [])
    {
        Reports = false,
        CheckTogether = CheckTogether,
    };

    /// <summary>The port of a connection that names none.</summary>
    public static int DefaultPort(string security) => security switch { "tls" => 465, "none" => 25, _ => 587 };

    private static ConnectionField Secret(string key, string label, string hint) => new(key, label, hint, Required: false, OneLine) { ForSending = true };

    private static IEnumerable<(string Path, string Error)> CheckTogether(IReadOnlyDictionary<string, string> secrets, IReadOnlyDictionary<string, string> settings)
    {
        var usesTokens = settings.ContainsKey("token_url");
        var signsIn = settings.ContainsKey("user");
        if (signsIn && !usesTokens && !secrets.ContainsKey("password"))
        {
            yield return ("secrets.password", "required with a user name");
        }

        if (!signsIn && (usesTokens || secrets.ContainsKey("password")))
        {
            yield return ("settings.user", "required to sign in");
        }

        if (signsIn && settings.GetValueOrDefault("security") == "none" && settings.GetValueOrDefault("allow_sign_in_without_tls") != "true")
        {
            yield return ("settings.security", "sends the password in the clear; choose starttls or tls, or set allow_sign_in_without_tls to true");
        }

        if (usesTokens && !settings.ContainsKey("client_id"))
        {
            yield return ("settings.client_id", "required with a token URL");
        }

        if (usesTokens && !secrets.ContainsKey("client_secret") && !secrets.ContainsKey("refresh_token"))
        {
            yield return ("secrets.client_secret", "a client secret or a refresh token is required with a token URL");
        }
    }

    private static string? OneLine(string value) => value.Any(char.IsControl) ? "has more than one line" : null;

    // Plain HTTP only to this machine: what is sent there opens a mailbox.
    private static string? CheckTokenUrl(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var url) && url.UserInfo.Length == 0 && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)) ? null : "is not an https URL";

    private static string? CheckAuthority(string value)
    {
        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPem(value);
            return found.Count > 0 ? null : "holds no certificate";
        }
        catch (CryptographicException)
        {
            return "is not PEM";
        }
    }
}
