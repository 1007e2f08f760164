using System.Text.Json;
using Microsoft.AspNetCore.DataProtection;
using ScoreTracking.Mail;

namespace ScoreTracking.Messages;

/// <summary>What one recipient is sent, as it waits: the copy with everything of it filled.</summary>
/// <param name="Date">When it was written: a mail that waits for a server keeps its date.</param>
/// <param name="EnvelopeFrom">Null: the sender's address.</param>
internal sealed record WaitingMail(
    string FromEmail, string? FromName, string ToEmail, string? ToName, string Subject, string? Html, string? Text, DateTimeOffset Date, string? EnvelopeFrom,
    IReadOnlyList<string> ListUnsubscribe, IReadOnlyList<WaitingFile> Files);

/// <summary>A file of a waiting mail.</summary>
internal sealed record WaitingFile(string Name, string Type, byte[] Content)
{
    public OutgoingAttachment ToAttachment() => new(Name, Type, Content);
}

/// <summary>Mail that waits is nobody's business but the recipient's: it lies encrypted, for as long as it may have to be sent again.</summary>
internal sealed class MailVault(IDataProtectionProvider protection)
{
    private readonly IDataProtector _protector = protection.CreateProtector("mail_contents");

    public byte[] Close(WaitingMail mail) => _protector.Protect(JsonSerializer.SerializeToUtf8Bytes(mail));

    /// <summary>Null where the key it was closed with is gone.</summary>
    public WaitingMail? Open(byte[] content)
    {
        try
        {
            return JsonSerializer.Deserialize<WaitingMail>(_protector.Unprotect(content));
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }
}
