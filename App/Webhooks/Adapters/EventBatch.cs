using System.Text.Json;

namespace ScoreTracking.Webhooks;

/// <summary>Walks through what one request says, so that each event can be read, left out or named as unreadable by itself.</summary>
internal sealed class EventBatch
{
    private readonly ReadEvents _read = new();
    private readonly List<ReadOnlyMemory<byte>> _mails = [];
    private int _position;
    private string? _wrongHook;

    /// <summary>Reads a body that is one event or an array of them.</summary>
    public static WebhookReading Read(ReadOnlyMemory<byte> body, Action<EventBatch, JsonElement> read) =>
        ReadWhole(body, (batch, root) => batch.Each(root, read));

    /// <summary>Reads a body whose events lie deeper.</summary>
    public static WebhookReading ReadWhole(ReadOnlyMemory<byte> body, Action<EventBatch, JsonElement> read)
    {
        var batch = new EventBatch();
        batch.Whole(body, read);
        return batch.ToReading();
    }

    /// <summary>Reads one JSON text; what is not JSON is one unreadable event.</summary>
    public void Whole(ReadOnlyMemory<byte> body, Action<EventBatch, JsonElement> read)
    {
        using var document = JsonReading.Parse(body);
        if (document is null)
        {
            Unreadable("not JSON");
        }
        else
        {
            read(this, document.RootElement);
        }
    }

    public void Each(JsonElement root, Action<EventBatch, JsonElement> read)
    {
        if (root.ValueKind != JsonValueKind.Array)
        {
            read(this, root);
            return;
        }

        foreach (var element in root.EnumerateArray())
        {
            _position++;
            read(this, element);
        }
    }

    public void Add(NormalisedEvent reported)
    {
        if (reported.EspMessageId is null && reported.Recipient is null && reported.Correlation.Count == 0)
        {
            Unreadable("nothing says which message it is about");
        }
        else
        {
            _read.Add(reported);
        }
    }

    public void Ignore() => _read.Ignore();

    public void Retract(string? recipient, string reason, DateTimeOffset? occurredAt) => _read.Retract(recipient, reason, occurredAt);

    public void Unreadable(string why) => _read.Unreadable(_position == 0 ? why : $"event {_position}: {why}");

    public void Mail(ReadOnlyMemory<byte> mail) => _mails.Add(mail);

    /// <summary>The request belongs to another hook of this ESP.</summary>
    public void WrongHook(string what)
    {
        _wrongHook = what;
        _read.Ignore();
    }

    /// <summary>The first of several members that is there, as a time; now when none is, for an event is worth more than its minute.</summary>
    /// <returns>False, and the event is named as unreadable, when the member holds no time.</returns>
    public bool TryTime(JsonElement reported, DateTimeOffset now, out DateTimeOffset time, params ReadOnlySpan<string> names)
    {
        time = now;
        foreach (var name in names)
        {
            if (reported.Get(name).ValueKind is JsonValueKind.Undefined or JsonValueKind.Null)
            {
                continue;
            }

            if (reported.Time(name) is { } found)
            {
                time = found;
                return true;
            }

            Unreadable($"{name} is no time");
            return false;
        }

        return true;
    }

    public WebhookReading ToReading() => _read.ToReading() with { Mails = _mails, WrongHook = _wrongHook };
}
