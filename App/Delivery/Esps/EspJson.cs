using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ScoreTracking.Mail;

namespace ScoreTracking.Delivery;

/// <summary>Mail in JSON, for ESPs that write it themselves; and their answers.</summary>
internal static class EspJson
{
    public const string ContentType = "application/json";

    public static byte[] Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    /// <summary>Who the mail goes to, with the name it is addressed by.</summary>
    public static Mailbox To(Letter letter) =>
        letter.Mail.To.FirstOrDefault(to => string.Equals(to.Address, letter.Recipient, StringComparison.OrdinalIgnoreCase)) is { } named ? named with { Address = letter.Recipient } : new Mailbox(letter.Recipient, null);

    /// <summary>"Name &lt;address&gt;", in quotes where a name needs them.</summary>
    public static string Text(Mailbox mailbox) =>
        Name(mailbox) is not { } name ? mailbox.Address : $"\"{name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\" <{mailbox.Address}>";

    /// <summary>A name without what no header may hold.</summary>
    public static string? Name(Mailbox mailbox) => MailLines.OneLine(mailbox.Name, MailLimits.Line);

    /// <summary>The fields a mail has besides who, to whom and about what: ours, and those it was given.</summary>
    public static IEnumerable<(string Name, string Value)> Headers(OutgoingMail mail)
    {
        yield return ("Message-ID", $"<{mail.MessageId}>");
        if (mail.OurMessageId is { } ours)
        {
            yield return (ReturnedMessage.IdHeader, ours);
        }

        if (mail.ListUnsubscribe.Count > 0)
        {
            yield return ("List-Unsubscribe", string.Join(", ", mail.ListUnsubscribe.Select(link => $"<{link}>")));
        }

        if (mail.OneClickUnsubscribe)
        {
            yield return ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }

        foreach (var (name, value) in mail.Headers)
        {
            yield return (name, MailLines.OneLine(value, MailLimits.Line) ?? "");
        }
    }

    /// <summary>Null where an answer is no JSON.</summary>
    public static JsonNode? Parse(string body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A member's text, or number as text; null where there is none of the kind.</summary>
    public static string? Text(this JsonNode? node, string name) => node is JsonObject members && members[name] is JsonValue value ? value.ToString() : null;

    /// <summary>The first of a member's elements; null where it is no array, or empty.</summary>
    public static JsonNode? First(this JsonNode? node, string name) => node is JsonObject members && members[name] is JsonArray { Count: > 0 } array ? array[0] : null;
}
