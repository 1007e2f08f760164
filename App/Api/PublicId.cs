using System.Globalization;

namespace ScoreTracking.Api;

/// <summary>Ids as the API writes them: a prefix that names the kind, then the number.</summary>
public static class PublicId
{
    public static string Campaign(long id) => Write("cmp_", id);
    public static string Contact(long id) => Write("ctc_", id);
    public static string Message(long id) => Write("msg_", id);
    public static string Event(long id) => Write("evt_", id);
    public static string Link(long id) => Write("lnk_", id);
    public static string Job(long id) => Write("job_", id);
    public static string Connection(long id) => Write("con_", id);
    public static string User(long id) => Write("usr_", id);
    public static string ApiKey(long id) => Write("key_", id);
    public static string Share(long id) => Write("shr_", id);
    public static string Notification(long id) => Write("ntf_", id);
    public static string Hook(long id) => Write("whk_", id);
    public static string Delivery(long id) => Write("dlv_", id);
    public static string SendingDomain(long id) => Write("dom_", id);
    public static string Segment(long id) => Write("seg_", id);
    public static string List(long id) => Write("lst_", id);
    public static string Journey(long id) => Write("jrn_", id);
    public static string Enrollment(long id) => Write("enr_", id);

    public static bool TryCampaign(string? text, out long id) => TryRead("cmp_", text, out id);
    public static bool TryContact(string? text, out long id) => TryRead("ctc_", text, out id);
    public static bool TryMessage(string? text, out long id) => TryRead("msg_", text, out id);
    public static bool TryEvent(string? text, out long id) => TryRead("evt_", text, out id);
    public static bool TryLink(string? text, out long id) => TryRead("lnk_", text, out id);
    public static bool TryJob(string? text, out long id) => TryRead("job_", text, out id);
    public static bool TryConnection(string? text, out long id) => TryRead("con_", text, out id);
    public static bool TryUser(string? text, out long id) => TryRead("usr_", text, out id);
    public static bool TryApiKey(string? text, out long id) => TryRead("key_", text, out id);
    public static bool TryShare(string? text, out long id) => TryRead("shr_", text, out id);
    public static bool TryNotification(string? text, out long id) => TryRead("ntf_", text, out id);
    public static bool TryHook(string? text, out long id) => TryRead("whk_", text, out id);
    public static bool TryDelivery(string? text, out long id) => TryRead("dlv_", text, out id);
    public static bool TrySendingDomain(string? text, out long id) => TryRead("dom_", text, out id);
    public static bool TrySegment(string? text, out long id) => TryRead("seg_", text, out id);
    public static bool TryList(string? text, out long id) => TryRead("lst_", text, out id);
    public static bool TryJourney(string? text, out long id) => TryRead("jrn_", text, out id);
    public static bool TryEnrollment(string? text, out long id) => TryRead("enr_", text, out id);

    private static string Write(string prefix, long id) => string.Create(CultureInfo.InvariantCulture, $"{prefix}{id}");

    // One spelling per id: no sign, no leading zero, no space.
    private static bool TryRead(string prefix, string? text, out long id)
    {
        id = 0;
        return text is not null
            && text.StartsWith(prefix, StringComparison.Ordinal)
            && text.Length > prefix.Length
            && text[prefix.Length] != '0'
            && long.TryParse(text.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out id);
    }
}
