using Microsoft.EntityFrameworkCore;
using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Notifications;

/// <summary>What has been read: by a person, or by programs, who share one mark.</summary>
public sealed class NotificationMarks(IDbContextFactory<ScoreDb> databases, LiveUpdates updates, TimeProvider time)
{
    /// <summary>Marks one as read or unread; marking twice keeps the first time.</summary>
    /// <param name="userId">Null for programs.</param>
    /// <returns>False where there is no such notification, or not for this person.</returns>
    public async Task<bool> MarkAsync(long? userId, long id, bool read, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var at = read ? time.GetUtcNow().ToUnixTimeMilliseconds() : 0;
        var found = userId is { } user
            ? await db.NotificationReaders.Where(reader => reader.UserId == user && reader.NotificationId == id)
                .ExecuteUpdateAsync(set => set.SetProperty(reader => reader.ReadAt, reader => read && reader.ReadAt != 0 ? reader.ReadAt : at), cancellationToken)
            : await db.Notifications.Where(notification => notification.Id == id)
                .ExecuteUpdateAsync(set => set.SetProperty(notification => notification.ReadAt, notification => read && notification.ReadAt != 0 ? notification.ReadAt : at), cancellationToken);
        Signal(userId);
        return found > 0;
    }

    /// <summary>Marks all there are as read.</summary>
    /// <param name="upTo">The newest that was seen: what came after it stays unread.</param>
    /// <returns>How many were unread.</returns>
    public async Task<int> MarkAllAsync(long? userId, long upTo, CancellationToken cancellationToken)
    {
        await using var db = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var marked = userId is { } user
            ? await db.NotificationReaders.Where(reader => reader.UserId == user && reader.ReadAt == 0 && reader.NotificationId <= upTo)
                .ExecuteUpdateAsync(set => set.SetProperty(reader => reader.ReadAt, now), cancellationToken)
            : await db.Notifications.Where(notification => notification.ReadAt == 0 && notification.Id <= upTo)
                .ExecuteUpdateAsync(set => set.SetProperty(notification => notification.ReadAt, now), cancellationToken);
        Signal(userId);
        return marked;
    }

    private void Signal(long? userId)
    {
        if (userId is { } user)
        {
            updates.Signal(LiveTopic.Notifications(user));
        }
    }
}
