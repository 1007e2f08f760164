using ScoreTracking.Data;
using ScoreTracking.Live;

namespace ScoreTracking.Hooks;

/// <summary>Notes for webhooks what is no event of the log, within a transaction of the caller's: it is told if and only if that is committed.</summary>
internal sealed class HookNotes(KnownHooks hooks, HookDispatcher dispatcher, LiveUpdates updates, TimeProvider time)
{
    // However many wait already: whoever is not told here does not hear of it from the log either.
    private const string Insert = """
        INSERT INTO hook_deliveries (hook_id, type, event_id, message_id, created_at, attempts, attempted_at, next_at, delivered_at, status, error, took)
        SELECT $1, $2, 0, $3, $4, 0, 0, $4, 0, 0, '', 0 WHERE EXISTS (SELECT 1 FROM hooks WHERE id = $1 AND enabled = 1)
        """;

    /// <param name="type">One an <see cref="IHookContent"/> writes.</param>
    /// <returns>How many are told.</returns>
    public int Add(PreparedCommands commands, string type, long messageId)
    {
        var told = 0;
        foreach (var hook in hooks.Enabled)
        {
            if (hook.Types.Contains(type))
            {
                told += commands.Command(Insert, hook.Id, type, messageId, time.GetUtcNow().ToUnixTimeMilliseconds()).ExecuteNonQuery();
            }
        }

        return told;
    }

    /// <summary>After the commit; otherwise it is seen within a minute.</summary>
    public void Wake(string type)
    {
        foreach (var hook in hooks.Enabled)
        {
            if (hook.Types.Contains(type))
            {
                dispatcher.Wake(hook.Id);
                updates.Signal([LiveTopic.Hook(hook.Id), LiveTopic.Hooks]);
            }
        }
    }
}
