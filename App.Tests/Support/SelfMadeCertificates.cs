using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ScoreTracking.Tests.Support;

/// <summary>A certificate authority of our own, and certificates it issued.</summary>
public static class SelfMadeCertificates
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.UtcNow;
    private static readonly X509Certificate2 s_authority = MakeAuthority();

    public static X509Certificate2Collection Roots => [s_authority];

    /// <summary>For "localhost" and 127.0.0.1.</summary>
    public static X509Certificate2 Local { get; } = Issue("localhost", s_now.AddDays(10));

    public static X509Certificate2 ForAnotherName { get; } = Issue("mail.example", s_now.AddDays(10));

    public static X509Certificate2 Expired { get; } = Issue("localhost", s_now.AddDays(-1));

    private static X509Certificate2 MakeAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Authority of the tests", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(s_now.AddDays(-20), s_now.AddDays(20));
    }

    private static X509Certificate2 Issue(string name, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name == "localhost")
        {
            names.AddIpAddress(IPAddress.Loopback);
        }

        request.CertificateExtensions.Add(names.Build());
        using var issued = request.Create(s_authority, s_now.AddDays(-10), until, RandomNumberGenerator.GetBytes(8));
        return issued.CopyWithPrivateKey(key);
    }
}
