using System.Globalization;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>What became of the wish that somebody begins.</summary>
internal enum Begun : byte
{
    Now,
    NoSuchContact,

    /// <summary>The journey is not published.</summary>
    NotOpen,
    AlreadyIn,

    /// <summary>They went through before, and everybody goes once.</summary>
    AlreadyBeen,

    /// <summary>They may not be mailed, and whoever may not be mailed leaves.</summary>
    Suppressed,
}

/// <summary>Begins journeys, inside the caller's transaction.</summary>
internal sealed class Enrolling(PreparedCommands commands, JourneyMoves moves)
{
    /// <returns>What became of it, and the enrollment begun; 0 without.</returns>
    /// <param name="now">Unix milliseconds.</param>
    public (Begun Begun, long Id) Begin(long journeyId, long contactId, long now)
    {
        if (commands.Command("SELECT version FROM journeys WHERE id = $1 AND status = $2", journeyId, JourneyStatus.Published).ExecuteScalar() is not long version
            || moves.Versions.Find(journeyId, (int)version) is not { First: { } first } definition)
        {
            return (Begun.NotOpen, 0);
        }

        if (!moves.IsThere(contactId))
        {
            return (Begun.NoSuchContact, 0);
        }

        var (times, isIn) = moves.Enrollments.Rounds(journeyId, contactId);
        if (isIn || (times > 0 && !definition.AgainAfterEnd))
        {
            return (isIn ? Begun.AlreadyIn : Begun.AlreadyBeen, 0);
        }

        if (definition.Exit.Unsubscribed && moves.SuppressedFor(contactId) is not null)
        {
            return (Begun.Suppressed, 0);
        }

        // The key is the round: however many reasons come together, each round begins once.
        var key = string.Create(CultureInfo.InvariantCulture, $"{contactId}.{times + 1}");
        var id = moves.Enrollments.Insert(journeyId, (int)version, contactId, key, first.Id, now);
        if (id == 0)
        {
            return (Begun.AlreadyIn, 0);
        }

        moves.Enrollments.Count(journeyId, (int)version, JourneyCounting.Whole, JourneyCounting.Entered);
        return (Begun.Now, id);
    }
}
