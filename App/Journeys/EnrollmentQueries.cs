using Microsoft.EntityFrameworkCore;
using ScoreTracking.Api;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>Reads people on journeys.</summary>
public static class EnrollmentQueries
{
    /// <summary>People of a journey, who began last first.</summary>
    /// <param name="before">Those with a lower number; <see cref="long.MaxValue"/> for the first page.</param>
    public static async Task<IReadOnlyList<EnrollmentRowAnswer>> ListAsync(
        ScoreDb db, long journeyId, EnrollmentStatus? status, string? step, long before, int limit, CancellationToken cancellationToken)
    {
        var rows = await Rows(db, db.Enrollments.Where(e => e.JourneyId == journeyId && e.Id < before && (status == null || e.Status == status) && (step == null || e.Step == step)))
            .OrderByDescending(row => row.Enrollment.Id).Take(limit).ToListAsync(cancellationToken);
        return rows.ConvertAll(row => Answer(row.Enrollment, row.CustomerId, row.Email));
    }

    /// <summary>A person's whole way; null where the journey has no such enrollment.</summary>
    public static async Task<EnrollmentAnswer?> FindAsync(ScoreDb db, long journeyId, long id, CancellationToken cancellationToken)
    {
        if (await Rows(db, db.Enrollments.Where(e => e.Id == id && e.JourneyId == journeyId)).FirstOrDefaultAsync(cancellationToken) is not { } row)
        {
            return null;
        }

        var log = await db.EnrollmentSteps.Where(step => step.EnrollmentId == id).OrderBy(step => step.Sequence).ToListAsync(cancellationToken);
        var shown = Answer(row.Enrollment, row.CustomerId, row.Email);
        return new EnrollmentAnswer(
            shown.Id, shown.JourneyId, shown.Version, shown.ContactId, shown.CustomerId, shown.Email, shown.Status, shown.StepId, shown.StepAt, shown.DueAt, shown.EnteredAt, shown.EndedAt, shown.EndedBecause,
            log.ConvertAll(step => new EnrollmentLogAnswer(
                step.Sequence, step.Step, step.At, step.Outcome, step.MessageId == 0 ? null : PublicId.Message(step.MessageId), step.Detail.Length == 0 ? null : step.Detail)));
    }

    private static IQueryable<Row> Rows(ScoreDb db, IQueryable<Enrollment> enrollments) =>
        from enrollment in enrollments
        join contact in db.Contacts on enrollment.ContactId equals contact.Id into contacts
        from contact in contacts.DefaultIfEmpty()
        select new Row { Enrollment = enrollment, CustomerId = contact.CustomerId, Email = contact.Email };

    private static EnrollmentRowAnswer Answer(Enrollment enrollment, string? customerId, string? email) => new(
        PublicId.Enrollment(enrollment.Id), PublicId.Journey(enrollment.JourneyId), enrollment.Version, PublicId.Contact(enrollment.ContactId), customerId, email ?? "",
        enrollment.Status.Name(), enrollment.Step, enrollment.StepAt,
        enrollment is { Status: EnrollmentStatus.Active, DueAt: > 1 } ? StoredTime.OrNull(enrollment.DueAt) : null,
        enrollment.EnteredAt, StoredTime.OrNull(enrollment.EndedAt), enrollment.EndedBecause.Length == 0 ? null : enrollment.EndedBecause);

    private sealed class Row
    {
        public required Enrollment Enrollment { get; init; }
        public string? CustomerId { get; init; }
        public string? Email { get; init; }
    }
}
