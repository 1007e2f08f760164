using Microsoft.Extensions.Options;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Live;

namespace ScoreTracking.Hooks;

/// <summary>Notes for each enabled webhook the events it is to be told of. What it notes is committed with its cursor, so an event is noted once however often this server stops.</summary>
internal sealed class HookFollower(
    KnownHooks hooks, HookDispatcher dispatcher, SqliteFile file, LiveUpdates updates, TimeProvider time, IOptions<HookOptions> options, ILogger<HookFollower> logger)
    : EventFollower("hooks", file, updates, time, logger)
{
    private readonly LiveUpdates _updates = updates;
    private readonly Dictionary<long, int> _room = [];
    private readonly HashSet<long> _touched = [];
    private Statement _waiting = null!;
    private Statement _insert = null!;
    private Statement _passOver = null!;
    private Statement _earlierHit = null!;
    private Statement _announced = null!;

    protected override TimeSpan SettleFor => options.Value.SettleFor;

    protected override bool IsIdle => hooks.Enabled.Count == 0;

    protected override void Prepare(WriteConnection connection)
    {
        _waiting = connection.Prepare("SELECT count(*) FROM (SELECT 1 FROM hook_deliveries WHERE hook_id = ?1 AND next_at > 0 LIMIT ?2)");
        _insert = connection.Prepare("""
            INSERT INTO hook_deliveries (hook_id, type, event_id, message_id, created_at, attempts, attempted_at, next_at, delivered_at, status, error, took)
            SELECT ?1, ?2, ?3, ?4, ?5, 0, 0, ?5, 0, 0, '', 0 WHERE EXISTS (SELECT 1 FROM hooks WHERE id = ?1 AND enabled = 1)
            """);
        _passOver = connection.Prepare("UPDATE hooks SET passed_over = passed_over + 1 WHERE id = ?1");
        _earlierHit = connection.Prepare(FollowedEvent.EarlierHit);
        _announced = connection.Prepare("SELECT 1 FROM hook_deliveries WHERE hook_id = ?1 AND message_id = ?2 AND type = ?3 AND type IN ('first_open', 'first_click') LIMIT 1");
    }

    protected override bool Wants(in FollowedEvent followed)
    {
        foreach (var hook in hooks.Enabled)
        {
            if ((HookTypes.IsTold(followed, hook.Machines) && hook.Types.Contains(followed.Type.Name()))
                || (followed.IsConfirmedHit && (hook.Types.Contains(HookTypes.FirstOpen) || hook.Types.Contains(HookTypes.FirstClick))))
            {
                return true;
            }
        }

        return false;
    }

    protected override void Handle(IReadOnlyList<FollowedEvent> wanted)
    {
        _room.Clear();
        _touched.Clear();
        var enabled = hooks.Enabled;
        foreach (var followed in wanted)
        {
            var (firstOpen, firstClick) = Firsts(followed);
            foreach (var hook in enabled)
            {
                if (firstOpen)
                {
                    Announce(hook, HookTypes.FirstOpen, followed);
                }

                if (firstClick)
                {
                    Announce(hook, HookTypes.FirstClick, followed);
                }

                if (HookTypes.IsTold(followed, hook.Machines))
                {
                    Note(hook, followed.Type.Name(), followed);
                }
            }
        }
    }

    protected override void Handled(bool committed)
    {
        if (!committed || _touched.Count == 0)
        {
            return;
        }

        foreach (var id in _touched)
        {
            dispatcher.Wake(id);
            _updates.Signal(LiveTopic.Hook(id));
        }

        _updates.Signal(LiveTopic.Hooks);
    }

    // A click tells of an open, too, where no open was seen before.
    private (bool Open, bool Click) Firsts(in FollowedEvent followed)
    {
        if (!followed.IsConfirmedHit)
        {
            return (false, false);
        }

        var clicked = HasEarlier(followed, EventType.Clicked);
        return (!clicked && !HasEarlier(followed, EventType.Opened), followed.Type == EventType.Clicked && !clicked);
    }

    private bool HasEarlier(in FollowedEvent followed, EventType type) =>
        _earlierHit.Bind(1, followed.MessageId).Bind(2, (long)type).Bind(3, followed.Id).Scalar() is not null;

    // Once per message, also where what was announced before has turned out to be a machine's.
    private void Announce(KnownHook hook, string type, in FollowedEvent followed)
    {
        if (hook.Types.Contains(type) && _announced.Bind(1, hook.Id).Bind(2, followed.MessageId).Bind(3, type).Scalar() is null)
        {
            Note(hook, type, followed);
        }
    }

    private void Note(KnownHook hook, string type, in FollowedEvent followed)
    {
        if (!hook.Types.Contains(type))
        {
            return;
        }

        if (!_room.TryGetValue(hook.Id, out var room))
        {
            room = options.Value.MaxWaiting - (int)_waiting.Bind(1, hook.Id).Bind(2, options.Value.MaxWaiting).Scalar()!.Value;
        }

        _room[hook.Id] = room - 1;
        _touched.Add(hook.Id);
        if (room > 0)
        {
            _insert.Bind(1, hook.Id).Bind(2, type).Bind(3, followed.Id).Bind(4, followed.MessageId).Bind(5, Time.GetUtcNow().ToUnixTimeMilliseconds()).Run();
        }
        else
        {
            _passOver.Bind(1, hook.Id).Run();
        }
    }
}
