using System.Globalization;
using System.Text;

namespace ScoreTracking.Mail;

/// <summary>A message as it goes over the line: checked addresses, stuffed content. Holds nothing that could end a command or the content early.</summary>
internal sealed class SmtpLetter
{
    private const int MaxEnvelopeId = 64;

    private readonly WireAddress? _sender;
    private readonly string? _envelopeId;
    private readonly int _size;
    private readonly bool _hasUtf8Header;
    private readonly bool _has8Bit;

    /// <exception cref="ArgumentException">An address cannot be one, there are none or too many, or the mail has lines that end otherwise than with CRLF.</exception>
    public SmtpLetter(SmtpEnvelope envelope, ReadOnlyMemory<byte> mail)
    {
        _sender = envelope.Sender.Length == 0 ? null : Address(envelope.Sender);
        Recipients = envelope.Recipients.Count is > 0 and <= SmtpEnvelope.MaxRecipients
            ? [.. envelope.Recipients.Select(recipient => (recipient, Address(recipient)))]
            : throw new ArgumentException($"A message goes to 1 to {SmtpEnvelope.MaxRecipients} recipients.", nameof(envelope));
        _envelopeId = envelope.EnvelopeId is null ? null : EnvelopeId(envelope.EnvelopeId);

        var bytes = mail.Span;
        var dots = LeadingDots(bytes);
        if (dots < 0)
        {
            throw new ArgumentException("A mail has CRLF line ends and no zero bytes.", nameof(mail));
        }

        var header = bytes.IndexOf("\r\n\r\n"u8);
        _hasUtf8Header = !Ascii.IsValid(header < 0 ? bytes : bytes[..header]);
        _has8Bit = _hasUtf8Header || !Ascii.IsValid(bytes);
        _size = bytes.Length;
        Content = Stuffed(mail, dots);
        End = bytes.EndsWith("\r\n"u8) ? ".\r\n"u8.ToArray() : "\r\n.\r\n"u8.ToArray();
    }

    /// <summary>As the caller wrote them, and as the server is told.</summary>
    public IReadOnlyList<(string Given, WireAddress Address)> Recipients { get; }

    /// <summary>The mail with a second dot where a line begins with one.</summary>
    public ReadOnlyMemory<byte> Content { get; }

    /// <summary>What tells the server that this was all.</summary>
    public ReadOnlyMemory<byte> End { get; }

    /// <summary>Why this server can never take the mail for a recipient, known without asking.</summary>
    public SmtpOutcome? Impossible(string given, WireAddress recipient, SmtpCapabilities capabilities)
    {
        if (capabilities.MaxSize is { } most && _size > most)
        {
            return Refused(SmtpStep.Sender, "5.3.4", $"The mail has {_size:N0} bytes and the server takes {most:N0}.");
        }

        if (!capabilities.HasSmtpUtf8 && (_hasUtf8Header || _sender is { NeedsUtf8: true } || recipient.NeedsUtf8))
        {
            return Refused(recipient.NeedsUtf8 ? SmtpStep.Recipient : SmtpStep.Sender, "5.6.7", "The server does not take international addresses (SMTPUTF8).");
        }

        return _has8Bit && !capabilities.Has8BitMime && !capabilities.HasSmtpUtf8
            ? Refused(SmtpStep.Sender, "5.6.3", "The server does not take 8-bit mail (8BITMIME).")
            : null;

        SmtpOutcome Refused(SmtpStep step, string status, string text) => new(given, SmtpVerdict.Refused, step, null, status, text);
    }

    public string MailCommand(SmtpCapabilities capabilities, bool needsUtf8)
    {
        var command = new StringBuilder($"MAIL FROM:<{_sender}>");
        if (capabilities.HasSize)
        {
            command.Append(CultureInfo.InvariantCulture, $" SIZE={_size}");
        }

        if (_has8Bit && capabilities.Has8BitMime)
        {
            command.Append(" BODY=8BITMIME");
        }

        if (needsUtf8 || _hasUtf8Header || _sender is { NeedsUtf8: true })
        {
            command.Append(" SMTPUTF8");
        }

        if (_envelopeId is not null && capabilities.HasDsn)
        {
            command.Append(" RET=HDRS ENVID=").Append(_envelopeId);
        }

        return command.Append("\r\n").ToString();
    }

    // An address may be in the exception's caller's log, so the message does not repeat it.
    private static WireAddress Address(string text) =>
        WireAddress.TryParse(text, out var address) ? address : throw new ArgumentException("An address of the envelope is none.", nameof(text));

    // RFC 3461: xtext, in which "+" introduces two hexadecimal digits.
    private static string EnvelopeId(string id) =>
        id.Length is > 0 and <= MaxEnvelopeId && !id.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? id.Replace("+", "+2B", StringComparison.Ordinal).Replace("=", "+3D", StringComparison.Ordinal)
            : throw new ArgumentException("An envelope id has 1 to 64 printable ASCII characters.", nameof(id));

    // How many lines begin with a dot; -1 where they are no lines. In one pass: a mail is looked through for each recipient.
    private static int LeadingDots(ReadOnlySpan<byte> bytes)
    {
        var dots = 0;
        while (true)
        {
            dots += bytes.StartsWith("."u8) ? 1 : 0;
            var end = bytes.IndexOfAny((byte)'\r', (byte)'\n', (byte)0);
            if (end < 0)
            {
                return dots;
            }

            if (!bytes[end..].StartsWith("\r\n"u8))
            {
                return -1;
            }

            bytes = bytes[(end + 2)..];
        }
    }

    private static ReadOnlyMemory<byte> Stuffed(ReadOnlyMemory<byte> mail, int dots)
    {
        if (dots == 0)
        {
            return mail;
        }

        var source = mail.Span;
        var stuffed = new byte[source.Length + dots];
        var length = 0;
        for (var at = 0; at < source.Length; at++)
        {
            if (source[at] == '.' && (at == 0 || source[at - 1] == '\n'))
            {
                stuffed[length++] = (byte)'.';
            }

            stuffed[length++] = source[at];
        }

        return stuffed;
    }
}
