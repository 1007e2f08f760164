using System.Text.Json;
using System.Text.Json.Serialization;
using ScoreTracking.Mail;

namespace ScoreTracking.Messages;

/// <summary>A single mail as the API takes it. Whatever is missing reads as null, so that <see cref="MailRules"/> can name every fault at once.</summary>
public sealed record MailBody
{
    /// <summary>An address, "Name &lt;address&gt;", or an object with email and name.</summary>
    public MailSender? From { get; init; }
    public IReadOnlyList<MailRecipient?>? To { get; init; }
    public string? Subject { get; init; }
    public string? Html { get; init; }
    public string? Text { get; init; }

    /// <summary>Missing means yes; the same for the other two.</summary>
    public bool? TrackOpens { get; init; }
    public bool? TrackClicks { get; init; }
    public bool? NotifyFirstOpen { get; init; }

    /// <summary>Whether this server hands the copies over. Otherwise, and where it is missing, the caller sends them.</summary>
    public bool? Send { get; init; }

    /// <summary>Who the copies are handed to; may be missing where only one connection can send.</summary>
    public string? ConnectionId { get; init; }

    /// <summary>Files that go with every copy, where this server sends it.</summary>
    public IReadOnlyList<MailFile?>? Attachments { get; init; }
}

/// <summary>Who a single mail goes to.</summary>
public sealed record MailRecipient
{
    /// <summary>The caller's own id of the person: their identity where given, else the address is.</summary>
    public string? CustomerId { get; init; }

    /// <summary>May be missing for a customer id we know.</summary>
    public string? Email { get; init; }

    /// <summary>Becomes attributes of the contact: strings, numbers and booleans; null removes one.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>granted, denied or unknown; missing changes nothing.</summary>
    public string? TrackingConsent { get; init; }
}

/// <summary>Who a single mail is from.</summary>
[JsonConverter(typeof(Converter))]
public sealed record MailSender(string? Email, string? Name)
{
    /// <summary>Reads "Ana &lt;ana@example.com&gt;" or an address alone; what is neither is kept as an address, for the rules to refuse.</summary>
    public static MailSender Parse(string text) =>
        Mailbox.First(text) is { } mailbox ? new MailSender(mailbox.Address, mailbox.Name) : new MailSender(text.Trim(), null);

    private sealed record Parts(string? Email = null, string? Name = null);

    private sealed class Converter : JsonConverter<MailSender>
    {
        public override MailSender? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                return Parse(reader.GetString()!);
            }

            try
            {
                return JsonSerializer.Deserialize<Parts>(ref reader, options) is { } parts ? new MailSender(parts.Email, parts.Name) : null;
            }
            catch (JsonException inner)
            {
                // Its path begins here; without one, the member this stands in is named.
                throw new JsonException(inner.Message, inner);
            }
        }

        public override void Write(Utf8JsonWriter writer, MailSender value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, new Parts(value.Email, value.Name), options);
    }
}
