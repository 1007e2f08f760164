using Microsoft.EntityFrameworkCore;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Notifications;

/// <summary>Someone who can be told: marketers and administrators, since a notification names a recipient.</summary>
public sealed record ToldPerson(long UserId, string Email, NotificationChoice Choice);

/// <summary>Who wants to be told of what.</summary>
public sealed class NotificationPreferences(IDbContextFactory<ScoreDb> databases)
{
    private volatile IReadOnlyList<ToldPerson>? _people;
    private long _readAt;

    /// <summary>What of campaigns anybody wants, as known from at most a few seconds ago: asked at every event of the log.</summary>
    internal NotificationKinds OfCampaigns(TimeProvider time)
    {
        var people = _people;
        if (people is null || time.GetElapsedTime(Volatile.Read(ref _readAt)) > TimeSpan.FromSeconds(5))
        {
            using var db = databases.CreateDbContext();
            _people = people = [.. Joined(db).AsEnumerable().Select(Read)];
            Volatile.Write(ref _readAt, time.GetTimestamp());
        }

        return people.Aggregate(NotificationKinds.None, (all, person) => all | person.Choice.OfCampaigns);
    }

    /// <summary>Everybody who can be told, with what they chose, by id.</summary>
    public static async Task<IReadOnlyList<ToldPerson>> AllAsync(ScoreDb db, CancellationToken cancellationToken) =>
        [.. (await Joined(db).ToListAsync(cancellationToken)).Select(Read)];

    /// <returns>Null where there is no such person, or none who can be told.</returns>
    public static async Task<ToldPerson?> FindAsync(ScoreDb db, long userId, CancellationToken cancellationToken) =>
        await Joined(db, userId).FirstOrDefaultAsync(cancellationToken) is { } found ? Read(found) : null;

    /// <summary>Holds for what happens from now on.</summary>
    public async Task ChangeAsync(long userId, NotificationChoice choice, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO notification_preferences (user_id, every_mail, mail_kinds, campaign_kinds, requested)
            VALUES ({userId}, {choice.EveryMail}, {(int)choice.OfMails}, {(int)choice.OfCampaigns}, {choice.Requested})
            ON CONFLICT (user_id) DO UPDATE SET every_mail = excluded.every_mail, mail_kinds = excluded.mail_kinds,
                campaign_kinds = excluded.campaign_kinds, requested = excluded.requested
            """, cancellationToken);
        _people = null;
    }

    private static IQueryable<Row> Joined(ScoreDb db, long? userId = null) =>
        from user in db.Users
        where (user.Role == Roles.Marketer || user.Role == Roles.Admin) && (userId == null || user.Id == userId)
        join preference in db.NotificationPreferences on user.Id equals preference.UserId into chosen
        from preference in chosen.DefaultIfEmpty()
        orderby user.Id
        select new Row(user, preference);

    private static ToldPerson Read(Row row) => new(row.User.Id, row.User.Email ?? "", NotificationChoice.Of(row.Preference));

    private sealed record Row(User User, NotificationPreference? Preference);
}
