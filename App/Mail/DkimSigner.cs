using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>
/// Signs mail with DKIM (RFC 6376), relaxed/relaxed, by RSA-SHA256 or Ed25519-SHA256 (RFC 8463) as the key is. For both, sign twice:
/// a signature does not cover the others. May be used by many threads.
/// </summary>
public sealed class DkimSigner : IDisposable
{
    // In the order they are signed. Those oversigned are listed once more than they are there: nobody can add another.
    private static readonly (string Name, bool IsOversigned)[] s_fields =
    [
        ("From", true), ("Reply-To", true), ("To", true), ("Cc", true), ("Subject", true), ("Date", true), ("Message-ID", true),
        ("In-Reply-To", false), ("References", false), ("List-Id", false), ("List-Unsubscribe", true), ("List-Unsubscribe-Post", true), ("Feedback-ID", false),
        (ReturnedMessage.IdHeader, false), ("MIME-Version", false), ("Content-Type", true), ("Content-Transfer-Encoding", false),
    ];

    private readonly string _domain;
    private readonly string _selector;
    private readonly DkimKey _key;

    /// <param name="domain">The d= of the signature: for DMARC the domain of From or one above it.</param>
    /// <param name="selector">Names the key among those of the domain.</param>
    /// <param name="privateKey">PEM (PKCS#8 or PKCS#1) of an RSA key of 1024 to 4096 bits or an Ed25519 key; an Ed25519 key may also be its 32 bytes in base64.</param>
    /// <exception cref="ArgumentException">Domain or selector could not be part of a DNS name.</exception>
    /// <exception cref="FormatException">The key cannot be read or is not allowed.</exception>
    public DkimSigner(string domain, string selector, string privateKey)
    {
        _domain = WireAddress.Host(domain) ?? throw new ArgumentException("Not a domain.", nameof(domain));
        _selector = WireAddress.Host(selector) ?? throw new ArgumentException("Not a DKIM selector.", nameof(selector));
        _key = DkimKey.Read(privateKey);
    }

    /// <summary>"rsa" or "ed25519".</summary>
    public string Algorithm => _key.Name;

    /// <summary>Where the public key must be published.</summary>
    public string DnsName => $"{_selector}._domainkey.{_domain}";

    /// <summary>The TXT record to publish there, in one piece; zone files want it split into strings of at most 255 characters.</summary>
    public string DnsRecord => $"v=DKIM1; k={_key.Name}; p={_key.PublicKey}";

    /// <summary>The mail with a DKIM-Signature in front.</summary>
    /// <param name="mail">As <see cref="MimeWriter"/> writes it, CRLF line ends.</param>
    /// <param name="now">The t= of the signature.</param>
    /// <exception cref="ArgumentException">The mail has no From or no end of its header.</exception>
    public byte[] Sign(ReadOnlySpan<byte> mail, DateTimeOffset now)
    {
        var end = mail.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            throw new ArgumentException("A mail needs an empty line after its header.", nameof(mail));
        }

        var fields = Fields(mail[..(end + 2)]);
        var data = new ArrayBufferWriter<byte>(4096);
        var names = Collect(mail, fields, data);
        var bodyHash = Convert.ToBase64String(SHA256.HashData(DkimCanonical.Body(mail[(end + 4)..])));

        var signature = new ArrayBufferWriter<byte>(1024);
        WriteSignature(new HeaderWriter(signature), names, bodyHash, now);
        DkimCanonical.Field(data, signature.WrittenSpan);

        var value = Convert.ToBase64String(_key.Sign(data.WrittenSpan));
        for (var at = 0; at < value.Length; at += HeaderWriter.LineLength - 4)
        {
            Encoding.ASCII.GetBytes($"\r\n {value.AsSpan(at, Math.Min(HeaderWriter.LineLength - 4, value.Length - at))}", signature);
        }

        signature.Write("\r\n"u8);
        return [.. signature.WrittenSpan, .. mail];
    }

    public void Dispose() => _key.Dispose();

    private void WriteSignature(HeaderWriter header, List<string> names, string bodyHash, DateTimeOffset now)
    {
        header.Begin("DKIM-Signature").Word("v=1;").Word($"a={_key.Name}-sha256;").Word("c=relaxed/relaxed;").Word($"d={_domain};").Word($"s={_selector};")
            .Word($"t={now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)};");
        for (var index = 0; index < names.Count; index++)
        {
            header.Word($"{(index == 0 ? "h=" : "")}{names[index]}{(index < names.Count - 1 ? ":" : ";")}");
        }

        header.Word($"bh={bodyHash};").Word("b=");
    }

    // Signed names in order, and what of the header is hashed for them: of several fields with one name the last comes first.
    private static List<string> Collect(ReadOnlySpan<byte> mail, List<(string Name, Range Range)> fields, ArrayBufferWriter<byte> data)
    {
        var names = new List<string>();
        foreach (var (name, isOversigned) in s_fields)
        {
            for (var index = fields.Count - 1; index >= 0; index--)
            {
                if (fields[index].Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                {
                    names.Add(name);
                    DkimCanonical.Field(data, mail[fields[index].Range]);
                    data.Write("\r\n"u8);
                }
            }

            if (isOversigned)
            {
                names.Add(name);
            }
        }

        return fields.Any(field => field.Name.Equals("From", StringComparison.OrdinalIgnoreCase)) ? names : throw new ArgumentException("A mail needs a From.", nameof(mail));
    }

    // The fields of a header whose lines all end with CRLF; a range is without the last one.
    private static List<(string Name, Range Range)> Fields(ReadOnlySpan<byte> header)
    {
        var fields = new List<(string, Range)>();
        for (var start = 0; start < header.Length;)
        {
            var end = start;
            do
            {
                end += header[end..].IndexOf("\r\n"u8) + 2;
            }
            while (end < header.Length && header[end] is (byte)' ' or (byte)'\t');

            var length = MimeHeaders.NameLength(header[start..end]);
            if (length == 0)
            {
                throw new ArgumentException("The header holds a line that is no field.", nameof(header));
            }

            fields.Add((Encoding.ASCII.GetString(header.Slice(start, length)), start..(end - 2)));
            start = end;
        }

        return fields;
    }
}
