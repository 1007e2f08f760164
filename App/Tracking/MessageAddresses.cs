using Microsoft.Extensions.Options;
using ScoreTracking.Api;
using ScoreTracking.Mail;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tracking;

/// <summary>The addresses of ours that one recipient's copy carries: pixel, links, unsubscribing, bounces.</summary>
internal sealed class MessageAddresses(TrackingIds ids, IOptions<ServerUrls> options)
{
    private readonly string _base = options.Value.TrackingBase;

    /// <summary>Hosts our tracking paths are reached at: mail must not link there by itself.</summary>
    public IReadOnlyList<string> OwnHosts { get; } = options.Value.OwnHosts();

    public string Open(long messageId) => $"{_base}/o/{ids.Write(TrackingKind.Open, new TrackingId(messageId))}.gif";

    /// <param name="linkId">0 for the link no reader sees.</param>
    public string Click(long messageId, long linkId) => $"{_base}/c/{ids.Write(TrackingKind.Click, new TrackingId(messageId, linkId))}";

    public string Unsubscribe(long messageId) => $"{_base}/u/{ids.Write(TrackingKind.Unsubscribe, new TrackingId(messageId))}";

    /// <summary>The mail's own envelope sender; null without an inbound domain.</summary>
    public string? EnvelopeFrom(long messageId) => Inbound(VerpKind.Bounce, TrackingKind.Bounce, messageId);

    /// <summary>An address whose mail is recorded as a reply and goes no further; null without an inbound domain.</summary>
    public string? Reply(long messageId) => Inbound(VerpKind.Reply, TrackingKind.Reply, messageId);

    /// <summary>Where one click, or one mail, unsubscribes: the web address first.</summary>
    public IReadOnlyList<string> ListUnsubscribe(long messageId) => ListUnsubscribe(messageId, Unsubscribe(messageId));

    /// <param name="unsubscribe">The web address, where it is known already.</param>
    public IReadOnlyList<string> ListUnsubscribe(long messageId, string unsubscribe) =>
        Inbound(VerpKind.Unsubscribe, TrackingKind.MailUnsubscribe, messageId) is { } address
            ? [unsubscribe, $"mailto:{address}?subject=unsubscribe"]
            : [unsubscribe];

    public MailHeaders Headers(long messageId) => new(
        string.Join(", ", ListUnsubscribe(messageId).Select(address => $"<{address}>")), "List-Unsubscribe=One-Click", PublicId.Message(messageId));

    private string? Inbound(VerpKind kind, TrackingKind signedFor, long messageId) =>
        options.Value.InboundDomain is { Length: > 0 } domain
            ? VerpAddress.Create(kind, ids.Write(signedFor, new TrackingId(messageId)), domain).Address()
            : null;
}
