using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Campaigns;
using ScoreTracking.Data;
using ScoreTracking.Hooks;
using ScoreTracking.Tracking;

namespace ScoreTracking.Journeys.Actions;

/// <summary>Which journey sends a message.</summary>
public sealed record ReadyJourney(string Id, string Name, string EnrollmentId, string StepId);

/// <summary>Mail to be handed over at once, as <c>POST /campaigns/{id}/instrument</c> has it.</summary>
public sealed record ReadyMessage(
    string MessageId, string CampaignId, string? VariantId, string? CustomerId, string Email, ReadyJourney Journey, bool Tracked, SenderBody From, string? ReplyTo,
    string Subject, string Preheader, string Html, string Text, string? EnvelopeFrom, MailHeaders Headers, IReadOnlyList<InstrumentedLink> Links);

/// <summary>What webhooks are sent of mail that journeys have others hand over.</summary>
internal sealed class ReadyMail(IDbContextFactory<ScoreDb> databases, MadeCopies copies) : IHookContent
{
    // HTML in JSON: the default would write every < and > as six characters.
    private static readonly JsonSerializerOptions s_json = new(ApiSetup.Json) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public string Type => HookTypes.MessageReady;

    public async ValueTask<HookContent> WriteAsync(long messageId, CancellationToken cancellationToken)
    {
        var (made, because) = await copies.WriteAsync(messageId, cancellationToken);
        if (made is null)
        {
            return new HookContent(null, because);
        }

        if (await JourneyAsync(messageId, cancellationToken) is not { } journey)
        {
            return new HookContent(null, "The journey is no longer kept");
        }

        var copy = made.Copy;
        var message = new ReadyMessage(
            copy.MessageId, PublicId.Campaign(made.CampaignId), copy.VariantId, made.CustomerId, made.Email, journey, copy.Tracked, copy.From, copy.ReplyTo,
            copy.Subject, copy.Preheader, copy.Html, copy.Text, copy.EnvelopeFrom, copy.Headers, copy.Links);
        return new HookContent(JsonSerializer.SerializeToUtf8Bytes(new HookMessage(Type, made.MadeAt, message), s_json));
    }

    // Others may have come to the same message later: by another journey, which sends the same campaign.
    private async Task<ReadyJourney?> JourneyAsync(long messageId, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var found = await (
            from step in db.EnrollmentSteps
            join enrollment in db.Enrollments on step.EnrollmentId equals enrollment.Id
            join journey in db.Journeys on enrollment.JourneyId equals journey.Id
            where step.MessageId == messageId && step.MessageId > 0 && step.Outcome == SendAction.Sent
            select new { journey.Id, journey.Name, EnrollmentId = enrollment.Id, step.Step }).FirstOrDefaultAsync(cancellationToken);
        return found is null ? null : new ReadyJourney(PublicId.Journey(found.Id), found.Name, PublicId.Enrollment(found.EnrollmentId), found.Step);
    }
}
