using ScoreTracking.Events;
using ScoreTracking.Mail;

namespace ScoreTracking.Webhooks;

/// <summary>What a receiving server's answer says, beside whatever the ESP calls it.</summary>
/// <param name="Code">Three digits, 550.</param>
/// <param name="Status">Enhanced status, "5.1.1".</param>
internal readonly record struct SmtpReply(int? Code, string? Status, string? Text)
{
    /// <param name="code">Where the ESP gives it beside the text.</param>
    public static SmtpReply Parse(string? text, int? code = null) =>
        new(code is >= 200 and < 600 ? code : BounceClass.CodeIn(text), BounceClass.StatusOf(null, text), text);

    /// <summary>The class of a bounce the ESP does not classify itself.</summary>
    public BounceKind Kind => BounceClass.Classify(Status, Code, Text) is var kind and not BounceKind.None ? kind : BounceKind.Soft;

    /// <summary>The class of a bounce the ESP calls permanent, which covers full mailboxes and policy as well: hard unless the answer itself says otherwise.</summary>
    public BounceKind KindOfPermanent =>
        Kind is var kind && (kind == BounceKind.Block || Status?.EndsWith(".0.0", StringComparison.Ordinal) is false || Code is >= 400 and < 500)
            ? kind
            : BounceKind.Hard;
}
