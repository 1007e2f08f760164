using System.Net;
using System.Text;
using ScoreTracking.Settings;

namespace ScoreTracking.Tracking;

/// <summary>What became of what was pressed on the page.</summary>
internal enum UnsubscribeOutcome
{
    /// <summary>Nothing was pressed yet.</summary>
    Asked,
    Unsubscribed,
    Saved,

    /// <summary>It could not be stored now.</summary>
    Failed,
}

/// <summary>Writes the page behind the unsubscribe link: one button; topics where the campaign names any; tracking. No script, no image, no font, so it opens at once on any device.</summary>
internal static class UnsubscribePage
{
    public const string Action = "action";
    public const string SaveTopics = "topics";
    public const string SaveTracking = "tracking";
    public const string Topic = "topic";
    public const string Tracking = "tracking";

    /// <param name="recipient">Null for a message that is gone: then there is only the button.</param>
    public static byte[] Write(UnsubscribeTexts texts, UnsubscribeRecipient? recipient, TrackingRules rules, UnsubscribeOutcome outcome)
    {
        var page = new StringBuilder(4_000);
        var gone = outcome == UnsubscribeOutcome.Unsubscribed || (recipient is { Unsubscribed: true } && outcome != UnsubscribeOutcome.Failed);
        var title = outcome == UnsubscribeOutcome.Failed ? texts.Retry : gone ? texts.Done : texts.Ask;
        page.Append("<!doctype html>\n<html lang=\"").Append(texts.Language).Append("\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"robots\" content=\"noindex\">\n<title>")
            .Append(Text(title)).Append("</title>\n<style>\n").Append(TrackingAnswers.Style).Append("</style>\n</head>\n<body><main>");
        if (outcome == UnsubscribeOutcome.Saved)
        {
            page.Append("<p class=\"saved\" role=\"status\">").Append(Text(texts.Saved)).Append("</p>");
        }

        if (recipient is { Sender.Length: > 0 })
        {
            page.Append("<p class=\"sender\">").Append(Text(recipient.Sender)).Append("</p>");
        }

        page.Append("<h1>").Append(Text(title)).Append("</h1><p>").Append(Text(outcome == UnsubscribeOutcome.Failed ? texts.RetryWhy : texts.NoMoreMail)).Append("</p>");
        if (!gone)
        {
            page.Append("<form method=\"post\"><button type=\"submit\">").Append(Text(texts.Unsubscribe)).Append("</button></form>");
            AddTopics(page, texts, recipient);
        }

        AddTracking(page, texts, recipient, rules);
        return Encoding.UTF8.GetBytes(page.Append("</main></body>\n</html>\n").ToString());
    }

    /// <summary>The words a person answers to with a button of the page, as they are kept with the answer.</summary>
    public static string Wording(UnsubscribeTexts texts, TrackingRules rules, bool allow) =>
        $"{(allow ? texts.NotTracked : Now(texts, rules))} – {(allow ? texts.Allow : texts.Refuse)}";

    private static void AddTopics(StringBuilder page, UnsubscribeTexts texts, UnsubscribeRecipient? recipient)
    {
        if (recipient is not { Topics.Count: > 0 })
        {
            return;
        }

        page.Append("<form method=\"post\" class=\"more\"><input type=\"hidden\" name=\"").Append(Action).Append("\" value=\"").Append(SaveTopics)
            .Append("\"><fieldset><legend>").Append(Text(texts.Topics)).Append("</legend>");
        foreach (var topic in recipient.Topics)
        {
            page.Append("<label><input type=\"checkbox\" name=\"").Append(Topic).Append("\" value=\"").Append(Text(topic)).Append('"')
                .Append(recipient.Refuses(topic) ? "" : " checked").Append("> ").Append(Text(topic)).Append("</label>");
        }

        page.Append("</fieldset><button type=\"submit\" class=\"quiet\">").Append(Text(texts.SaveTopics)).Append("</button></form>");
    }

    // Nothing to choose where nobody is tracked at all.
    private static void AddTracking(StringBuilder page, UnsubscribeTexts texts, UnsubscribeRecipient? recipient, TrackingRules rules)
    {
        if (recipient is null || rules.Mode == TrackingMode.Off)
        {
            return;
        }

        var tracked = rules.For(recipient.Consent) != TrackingLevel.None;
        page.Append("<form method=\"post\" class=\"more\"><h2>").Append(Text(texts.Tracking)).Append("</h2><p>")
            .Append(Text(tracked ? Now(texts, rules) : texts.NotTracked))
            .Append("</p><input type=\"hidden\" name=\"").Append(Action).Append("\" value=\"").Append(SaveTracking)
            .Append("\"><button type=\"submit\" class=\"quiet\" name=\"").Append(Tracking).Append("\" value=\"").Append(tracked ? "denied" : "granted").Append("\">")
            .Append(Text(tracked ? texts.Refuse : texts.Allow)).Append("</button></form>");
    }

    private static string Now(UnsubscribeTexts texts, TrackingRules rules) => rules.Mode == TrackingMode.Aggregate ? texts.Counted : texts.Tracked;

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
