using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ScoreTracking.Webhooks;

/// <summary>What Amazon SNS wraps around a message, and whether SNS signed it.</summary>
internal sealed partial class SnsEnvelope
{
    private static readonly string[] s_notification = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
    private static readonly string[] s_confirmation = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

    private readonly Dictionary<string, string> _members;

    private SnsEnvelope(Dictionary<string, string> members) => _members = members;

    public string? Type => this["Type"];
    public string? Message => this["Message"];
    public string? MessageId => this["MessageId"];
    public string? TopicArn => this["TopicArn"];
    public string? Token => this["Token"];
    public string? Timestamp => this["Timestamp"];
    public string? SigningCertUrl => this["SigningCertURL"];
    public bool IsConfirmation => Type is "SubscriptionConfirmation" or "UnsubscribeConfirmation";

    private string? this[string name] => _members.GetValueOrDefault(name);

    public static SnsEnvelope? Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonReading.Parse(body);
        if (document is not { RootElement.ValueKind: JsonValueKind.Object })
        {
            return null;
        }

        // Unaltered, for the signature: no trimming, and blank is a value.
        var members = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in s_notification.Concat(s_confirmation).Append("SigningCertURL").Append("SignatureVersion").Append("Signature"))
        {
            if (document.RootElement.Get(name) is { ValueKind: JsonValueKind.String } value && Exact(value) is { } text)
            {
                members[name] = text;
            }
        }

        return new SnsEnvelope(members);
    }

    /// <summary>The certificate's address if it is SNS's own in the given region. Judged as a parsed address, since its text can be made to look like anything.</summary>
    public static Uri? CertificateAt(string? url, string host) =>
        Uri.TryCreate(url, UriKind.Absolute, out var address)
        && address is { Scheme: "https", IsDefaultPort: true, UserInfo: "", Query: "", Fragment: "" }
        && address.IdnHost == host
        && CertificatePath().IsMatch(address.AbsolutePath)
            ? address
            : null;

    /// <summary>Null, or why the signature does not hold for any of the certificates.</summary>
    public string? SignatureFault(string certificates)
    {
        HashAlgorithmName? algorithm = this["SignatureVersion"] switch
        {
            "1" => HashAlgorithmName.SHA1,
            "2" => HashAlgorithmName.SHA256,
            _ => null,
        };
        var signature = new byte[1_024];
        if (algorithm is not { } hash || this["Signature"] is not { Length: > 0 and < 1_024 } text || !Convert.TryFromBase64String(text, signature, out var length))
        {
            return "There is no signature of a known version.";
        }

        var signed = Encoding.UTF8.GetBytes(TextToSign());
        foreach (var certificate in Certificates(certificates))
        {
            using (certificate)
            using (var key = certificate.GetRSAPublicKey())
            {
                if (key?.VerifyData(signed, signature.AsSpan(0, length), hash, RSASignaturePadding.Pkcs1) == true)
                {
                    return null;
                }
            }
        }

        return "The signature does not match the certificate.";
    }

    /// <summary>None where it is not PEM.</summary>
    public static X509Certificate2Collection Certificates(string pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            // What was read before the fault is as good as it was.
        }

        return certificates;
    }

    private string TextToSign()
    {
        var text = new StringBuilder();
        foreach (var name in IsConfirmation ? s_confirmation : s_notification)
        {
            if (_members.TryGetValue(name, out var value))
            {
                text.Append(name).Append('\n').Append(value).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string? Exact(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^/SimpleNotificationService-[0-9a-zA-Z]{1,80}\.pem\z")]
    private static partial Regex CertificatePath();
}
