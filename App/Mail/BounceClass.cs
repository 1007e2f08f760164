using System.Globalization;
using System.Text.RegularExpressions;
using ScoreTracking.Events;

namespace ScoreTracking.Mail;

/// <summary>Hard, soft or block, from RFC 3463 status, SMTP code and the receiver's own words. Most 5xx are policy: a code alone never makes an address dead, unless it says so.</summary>
public static partial class BounceClass
{
    // What a receiver has to say, it says early; the rest is often the returned message.
    private const int MaxText = 4_000;

    /// <param name="enhancedStatus">"5.1.1", also with a comment behind it; looked for in the text where missing or generic.</param>
    /// <param name="smtpCode">"550", used where there is no enhanced status.</param>
    /// <param name="text">The receiving server's answer or the report's diagnosis.</param>
    /// <returns><see cref="BounceKind.None"/> for a success only.</returns>
    public static BounceKind Classify(string? enhancedStatus, int? smtpCode, string? text)
    {
        var status = StatusOf(enhancedStatus, text);
        var code = smtpCode ?? (status is null ? CodeIn(text) : null);
        var success = (status is not null ? status[0] - '0' : code / 100) == 2;
        if (success)
        {
            return BounceKind.None;
        }

        var permanent = status?[0] == '5' || (status is null && code >= 500);
        var words = Words(text);
        if (status == "5.7.17") // mailbox owner has changed
        {
            return BounceKind.Hard;
        }

        // Policy beats "unknown": blocklists answer 5.1.1 too.
        if (IsPolicyStatus(status) || PolicyWords().IsMatch(words) || (permanent && RateWords().IsMatch(words)))
        {
            return BounceKind.Block;
        }

        if (status is "5.2.2" or "4.2.2" || FullWords().IsMatch(words))
        {
            return BounceKind.Soft;
        }

        var dead = status is "5.1.1" or "5.1.2" or "5.1.3" or "5.1.6" or "5.1.10"
            || (status == "5.2.1" && ClosedWords().IsMatch(words))
            || DeadWords().IsMatch(words);
        return dead ? BounceKind.Hard : BounceKind.Soft;
    }

    /// <summary>The status to go by: the given one, or one from the text that says more, "5.1.1" rather than "5.0.0".</summary>
    public static string? StatusOf(string? enhancedStatus, string? text)
    {
        var given = enhancedStatus is { Length: > 0 } && Status().Match(enhancedStatus) is { Success: true } match ? match.Value : null;
        if (given is not null && !IsGeneric(given))
        {
            return given;
        }

        var inText = Cut(text) is { Length: > 0 } cut
            ? StatusInText().Matches(cut).Select(found => found.Value).FirstOrDefault(found => given is null || (found[0] == given[0] && !IsGeneric(found)))
            : null;
        return inText ?? given;
    }

    /// <summary>The first three-digit reply code in a text.</summary>
    public static int? CodeIn(string? text) =>
        Cut(text) is { Length: > 0 } cut && CodeInText().Match(cut) is { Success: true } match
            ? int.Parse(match.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)
            : null;

    private static bool IsGeneric(string status) => status.EndsWith(".0.0", StringComparison.Ordinal) || status.EndsWith(".5.0", StringComparison.Ordinal);

    private static bool IsPolicyStatus(string? status) => status is not null
        && (status.StartsWith("5.7.", StringComparison.Ordinal) || status.StartsWith("5.6.", StringComparison.Ordinal)
            || status is "5.1.7" or "5.1.8" or "4.1.7" or "4.1.8"); // the sender's address, not the recipient's

    // Addresses, links and host names may be called anything: "spam@example.com" and "relay.example.com" say nothing.
    private static string Words(string? text) => Cut(text) is { Length: > 0 } cut ? Names().Replace(cut, " ") : "";

    private static string? Cut(string? text) => text?.Length > MaxText ? text[..MaxText] : text;

    [GeneratedRegex(@"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?!\d|\.\d)")]
    private static partial Regex Status();

    // In free text a status must not be part of an IP address or a version.
    [GeneratedRegex(@"(?<![\w.])[245]\.[0-7]\.\d{1,3}(?!\w|\.\d)")]
    private static partial Regex StatusInText();

    [GeneratedRegex(@"(?<![\w.:/-])[245][0-5]\d(?=[\s\-#,;:]|$)")]
    private static partial Regex CodeInText();

    [GeneratedRegex(@"[^\s@]{1,64}@\S+|\b[A-Za-z]{3,6}://\S+|(?<=^|[\s\[(;,<=])(?:[\w-]{1,63}\.)+[a-z]{2,}(?=$|[\s\]\[),;:>])")]
    private static partial Regex Names();

    [GeneratedRegex(
        @"spam|\bblock(ed|ing|[ -]?list(ed)?)\b|black[ -]?list|deny[ -]?list|reputation|\br?[dr]nsbl\b|\brbl\b|\bpolicy\b|\bpolicies\b|denied|not authori[sz]ed|unauthori[sz]ed|unauthenticated|\bspf\b|\bdkim\b|\bdmarc\b|virus|malware|phish|\brelay(ing)?\b|sender (address )?rejected|client host rejected|reverse dns|\bptr\b|content rejected|message rejected due to|banned",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PolicyWords();

    [GeneratedRegex(@"rate.?limit|too many (connections|messages|recipients|concurrent)|throttl|exceed\w* (the )?(\w+ )?rate|message rate", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RateWords();

    [GeneratedRegex(@"(mailbox|inbox|account|storage|disk|maildir)[\w\s']{0,30}\b(is full|full|over ?quota|exceed)|over ?quota|quota (exceeded|full)|exceed\w* (\w+ ){0,3}quota|insufficient (system )?storage|out of storage", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex FullWords();

    [GeneratedRegex(@"unknown|disabled|inactive|deactivated|not active|no longer|suspended|closed", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ClosedWords();

    [GeneratedRegex(
        @"(user|recipient|address|mailbox|account|login) (is |was )?(unknown|not found|not known|does ?n[o']t exist|not exist)|unknown (\w+ )?(user|recipient|address|mailbox|account|login|local.?part|host|domain)|unknown or illegal host|illegal host|no such (\w+ )?(user|recipient|mailbox|address|account|person|domain|host)|(does not|doesn'?t) (exist|have an? [\w .]{0,40}account)|invalid (recipient|mailbox|address|user)|(recipient|address|mailbox|user) (is )?invalid|no mailbox (here )?by that name|(host|domain)( name)? (was )?not found|not a valid (user|recipient|mailbox|address)|no longer (exists|valid|available|in use)|\bnxdomain\b|null mx",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex DeadWords();
}
