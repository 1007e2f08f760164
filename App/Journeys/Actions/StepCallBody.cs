using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Hooks;

namespace ScoreTracking.Journeys.Actions;

/// <summary>What a webhook step says of the person who came to it.</summary>
public sealed record StepCallData(StepCallJourney Journey, StepCallEnrollment Enrollment, StepCallContact Contact, IReadOnlyList<StepCallMessage> Messages);

public sealed record StepCallJourney(string Id, string Name, int Version);

/// <param name="StepId">The webhook step.</param>
public sealed record StepCallEnrollment(string Id, string StepId, DateTimeOffset EnteredAt, DateTimeOffset StepAt);

public sealed record StepCallContact(string Id, string? CustomerId, string Email, JsonElement Attributes);

/// <summary>A message this person got, or had got before, by a send step of the journey.</summary>
public sealed record StepCallMessage(string StepId, string MessageId);

/// <summary>A request as it is to be made.</summary>
/// <param name="Secrets">As stored with the journey.</param>
internal sealed record StepRequest(string Id, long JourneyId, string Secrets, byte[] Body);

internal static class StepCallBody
{
    /// <summary>The member type of every body.</summary>
    public const string Type = "journey.step";

    /// <summary>Names one acting of a step for all time: whoever gets it twice has it once.</summary>
    public static string IdOf(long enrollmentId, int sequence) => string.Create(CultureInfo.InvariantCulture, $"{PublicId.Enrollment(enrollmentId)}-{sequence}");

    /// <returns>Null where the person no longer stands there, or is no longer kept.</returns>
    public static async Task<StepRequest?> OfAsync(ScoreDb db, long enrollmentId, int sequence, CancellationToken cancellationToken)
    {
        var found = await (
            from enrollment in db.Enrollments
            join journey in db.Journeys on enrollment.JourneyId equals journey.Id
            join contact in db.Contacts on enrollment.ContactId equals contact.Id
            where enrollment.Id == enrollmentId && enrollment.Sequence == sequence && enrollment.Status == EnrollmentStatus.Active && contact.DeletedAt == 0
            select new { Enrollment = enrollment, JourneyName = journey.Name, journey.Secrets, Contact = contact }).FirstOrDefaultAsync(cancellationToken);
        if (found is null)
        {
            return null;
        }

        var messages = await db.EnrollmentSteps.Where(step => step.EnrollmentId == enrollmentId && step.MessageId != 0).OrderBy(step => step.Sequence)
            .Select(step => new { step.Step, step.MessageId }).ToListAsync(cancellationToken);
        var (stood, person) = (found.Enrollment, found.Contact);
        using var attributes = JsonDocument.Parse(person.Attributes);
        var data = new StepCallData(
            new StepCallJourney(PublicId.Journey(stood.JourneyId), found.JourneyName, stood.Version),
            new StepCallEnrollment(PublicId.Enrollment(stood.Id), stood.Step, stood.EnteredAt, stood.StepAt),
            new StepCallContact(PublicId.Contact(person.Id), person.CustomerId, person.Email, attributes.RootElement),
            [.. messages.Select(message => new StepCallMessage(message.Step, PublicId.Message(message.MessageId)))]);
        return new StepRequest(IdOf(enrollmentId, sequence), stood.JourneyId, found.Secrets, HookPayload.Bytes(new HookMessage(Type, stood.StepAt, data)));
    }
}
