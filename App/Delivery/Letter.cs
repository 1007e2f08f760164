using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>One message ready to be handed over: to one recipient.</summary>
/// <param name="MessageId">0 for a mail that is no message of ours, such as a test.</param>
/// <param name="Recipient">The envelope's, and where the mail really goes.</param>
/// <param name="EnvelopeFrom">Where bounces go.</param>
/// <param name="Mime">The mail as it travels, signed where we sign; for servers that take it so.</param>
/// <param name="Mail">The same in its parts, for servers that write it themselves.</param>
public sealed record Letter(long MessageId, string Recipient, string EnvelopeFrom, OutgoingMail Mail, ReadOnlyMemory<byte> Mime);
