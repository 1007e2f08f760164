namespace ScoreTracking.Contacts;

/// <summary>What a message m is called where a person's mail stands side by side: its campaign's name, or a single mail's subject.</summary>
internal static class MailTitle
{
    public const string Column = "coalesce(tc.name, tm.subject, '')";

    public const string Joins = "LEFT JOIN campaigns tc ON tc.id = m.campaign_id LEFT JOIN mails tm ON tm.id = m.mail_id";

    /// <summary>What a single mail is called on screen.</summary>
    public static string Of(string subject) => subject.Length == 0 ? "No subject" : subject;
}
