using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Campaigns;

/// <summary>What a campaign may say.</summary>
public static class CampaignRules
{
    public const int MaxName = 200;

    /// <summary>RFC 5322 limits a header line to 998 characters.</summary>
    public const int MaxSubject = 998;
    public const int MaxPreheader = 500;

    /// <summary>In bytes of UTF-8.</summary>
    public const int MaxHtml = 5 * 1024 * 1024;

    /// <summary>In bytes of UTF-8.</summary>
    public const int MaxText = 1024 * 1024;

    /// <summary>Every fault by the path of its field; empty when the campaign is fine.</summary>
    public static Dictionary<string, string[]> Check(CampaignBody body)
    {
        var errors = new FieldErrors();
        errors.Line("name", body.Name, MaxName, required: true);
        if (body.From is null)
        {
            errors.Add("from", "required");
        }
        else
        {
            errors.Address("from.email", body.From.Email ?? "");
            errors.Line("from.name", body.From.Name, MaxName, required: false);
        }

        if (body.ReplyTo is not null)
        {
            errors.Address("reply_to", body.ReplyTo);
        }

        Delivery(errors, body);
        Content(errors, body.Content);
        TopicList(errors, body.Topics ?? []);
        if (body.AbTest is { } test)
        {
            AbTestRules.Check(errors, test);
        }

        return errors.ToDictionary();
    }

    private static void Delivery(FieldErrors errors, CampaignBody body)
    {
        switch (body.Delivery)
        {
            case null or CampaignDelivery.External:
                if (body.ConnectionId is not null)
                {
                    errors.Add("connection_id", "only with delivery smtp");
                }

                break;
            case CampaignDelivery.Smtp:
                if (body.ConnectionId is null)
                {
                    errors.Add("connection_id", "required with delivery smtp: the connection the mail is handed to");
                }
                else if (!PublicId.TryConnection(body.ConnectionId, out _))
                {
                    errors.Add("connection_id", SendingConnections.Unknown);
                }

                break;
            default:
                errors.Add("delivery", "must be external or smtp");
                break;
        }
    }

    // A comma would be two topics in the form.
    private static void TopicList(FieldErrors errors, IReadOnlyList<string?> topics)
    {
        if (topics.Count > Topics.Max)
        {
            errors.Add("topics", $"more than {Topics.Max}");
            return;
        }

        for (var i = 0; i < topics.Count; i++)
        {
            var path = $"topics[{i}]";
            errors.Line(path, topics[i], Topics.MaxLength, required: true);
            if (topics[i]?.AsSpan().IndexOfAny(',', '\uFFFD') >= 0)
            {
                errors.Add(path, "commas are not allowed");
            }

            if (topics.Take(i).Any(before => string.Equals(before?.Trim(), topics[i]?.Trim(), StringComparison.OrdinalIgnoreCase)))
            {
                errors.Add(path, "named twice");
            }
        }
    }

    private static void Content(FieldErrors errors, ContentBody? content)
    {
        errors.Line("content.subject", content?.Subject, MaxSubject, required: false);
        errors.Line("content.preheader", content?.Preheader, MaxPreheader, required: false);
        errors.Document("content.html", content?.Html, MaxHtml);
        errors.Document("content.text", content?.Text, MaxText);
    }
}
