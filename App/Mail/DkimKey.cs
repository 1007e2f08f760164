using System.Collections.Concurrent;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace ScoreTracking.Mail;

/// <summary>A private key of DKIM. Signs from many threads at once: RSA keys of the base library are for one at a time, so each thread takes its own.</summary>
internal abstract class DkimKey : IDisposable
{
    // RFC 8301: at least 1024 bits for those who sign; the same limit upwards keeps a signature from taking longer than the mail.
    private const int MinRsaBits = 1024;
    private const int MaxRsaBits = 4096;
    private const string Ed25519Oid = "1.3.101.112";

    /// <summary>"rsa" or "ed25519".</summary>
    public abstract string Name { get; }

    /// <summary>The p= of its DNS record.</summary>
    public abstract string PublicKey { get; }

    public abstract byte[] Sign(ReadOnlySpan<byte> data);

    public virtual void Dispose() => GC.SuppressFinalize(this);

    /// <summary>Reads PEM (PKCS#8, or PKCS#1 for RSA), the same without its armour, or an Ed25519 key as 32 bytes of base64.</summary>
    /// <exception cref="FormatException">None of these, encrypted, or a key DKIM does not allow.</exception>
    public static DkimKey Read(string text)
    {
        var (label, der) = Decode(text.Trim());
        try
        {
            if (label is null && der.Length == Ed25519.KeyLength)
            {
                return new EdwardsKey(der);
            }

            if (label is null or "PRIVATE KEY" && Ed25519Seed(der) is { } seed)
            {
                return new EdwardsKey(seed);
            }

            return new RsaKey(der, isPkcs1: label == "RSA PRIVATE KEY" || (label is null && !IsPkcs8(der)));
        }
        catch (Exception exception) when (exception is CryptographicException or AsnContentException)
        {
            throw new FormatException("The DKIM key is not an RSA or Ed25519 private key.", exception);
        }
    }

    private static (string? Label, byte[] Der) Decode(string text)
    {
        if (PemEncoding.TryFind(text, out var fields))
        {
            var label = text[fields.Label];
            return label is "PRIVATE KEY" or "RSA PRIVATE KEY" && !text[fields.Base64Data].Contains(':', StringComparison.Ordinal)
                ? (label, Convert.FromBase64String(text[fields.Base64Data]))
                : throw new FormatException(label.Contains("ENCRYPTED", StringComparison.Ordinal)
                    ? "The DKIM key is encrypted; give it without a passphrase."
                    : $"The DKIM key is a {label}, not a private key.");
        }

        try
        {
            return (null, Convert.FromBase64String(text));
        }
        catch (FormatException exception)
        {
            throw new FormatException("The DKIM key is not in PEM form.", exception);
        }
    }

    private static bool IsPkcs8(byte[] der)
    {
        var sequence = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        sequence.ReadInteger();
        return sequence.PeekTag() == Asn1Tag.Sequence;
    }

    // RFC 8410: version, algorithm, and the key as an octet string within an octet string.
    private static byte[]? Ed25519Seed(byte[] der)
    {
        if (!IsPkcs8(der))
        {
            return null;
        }

        var sequence = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        sequence.ReadInteger();
        if (sequence.ReadSequence().ReadObjectIdentifier() != Ed25519Oid)
        {
            return null;
        }

        var seed = new AsnReader(sequence.ReadOctetString(), AsnEncodingRules.BER).ReadOctetString();
        return seed.Length == Ed25519.KeyLength ? seed : throw new CryptographicException("An Ed25519 key has 32 bytes.");
    }

    private sealed class RsaKey : DkimKey
    {
        private readonly ConcurrentBag<RSA> _idle = [];
        private readonly RSAParameters _parameters;

        public RsaKey(byte[] der, bool isPkcs1)
        {
            var rsa = RSA.Create();
            if (isPkcs1)
            {
                rsa.ImportRSAPrivateKey(der, out _);
            }
            else
            {
                rsa.ImportPkcs8PrivateKey(der, out _);
            }

            if (rsa.KeySize is < MinRsaBits or > MaxRsaBits)
            {
                throw new FormatException($"The DKIM key has {rsa.KeySize} bits; RSA keys need {MinRsaBits} to {MaxRsaBits}.");
            }

            _parameters = rsa.ExportParameters(includePrivateParameters: true);
            PublicKey = Convert.ToBase64String(rsa.ExportSubjectPublicKeyInfo());
            _idle.Add(rsa);
        }

        public override string Name => "rsa";

        public override string PublicKey { get; }

        public override byte[] Sign(ReadOnlySpan<byte> data)
        {
            var rsa = _idle.TryTake(out var idle) ? idle : RSA.Create(_parameters);
            try
            {
                return rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            }
            finally
            {
                _idle.Add(rsa);
            }
        }

        public override void Dispose()
        {
            while (_idle.TryTake(out var rsa))
            {
                rsa.Dispose();
            }

            base.Dispose();
        }
    }

    private sealed class EdwardsKey(byte[] seed) : DkimKey
    {
        private readonly byte[] _public = Ed25519.PublicKey(seed);

        public override string Name => "ed25519";

        public override string PublicKey => Convert.ToBase64String(_public);

        // RFC 8463: what is signed is the SHA-256 of the header, not the header.
        public override byte[] Sign(ReadOnlySpan<byte> data) => Ed25519.Sign(seed, _public, SHA256.HashData(data));
    }
}
