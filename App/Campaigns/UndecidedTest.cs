using Microsoft.EntityFrameworkCore;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Campaigns;

/// <summary>Tells everybody who may send that a test has ended without a winner and waits for a person's choice.</summary>
internal static class UndecidedTest
{
    /// <summary>Once for each campaign, however often it is called. Under the bell it stands beside the campaign's first message.</summary>
    /// <returns>The users who are told.</returns>
    public static async Task<IReadOnlyList<long>> TellAsync(ScoreDb db, long campaignId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var message = await db.Messages.Where(m => m.CampaignId == campaignId).OrderBy(m => m.Id).Select(m => m.Id).FirstOrDefaultAsync(cancellationToken);
        if (message == 0 || await db.Notifications.AnyAsync(n => n.MessageId == message && n.Kind == NotificationKinds.TestUndecided, cancellationToken))
        {
            return [];
        }

        var told = new Notification { Kind = NotificationKinds.TestUndecided, MessageId = message, At = at, CreatedAt = at };
        db.Add(told);
        await db.SaveChangesAsync(cancellationToken);
        var people = await db.Users.Where(user => user.Role == Roles.Marketer || user.Role == Roles.Admin).Select(user => user.Id).ToListAsync(cancellationToken);
        db.AddRange(people.Select(person => new NotificationReader { UserId = person, NotificationId = told.Id }));
        await db.SaveChangesAsync(cancellationToken);
        return people;
    }
}
