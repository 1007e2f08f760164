using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Events;
using ScoreTracking.Ingest;

namespace ScoreTracking.Privacy;

/// <summary>
/// Everything this server knows of a person, as one file: a JSON object to a line, each with its <c>type</c>. Written straight
/// into the answer, a message with its events at a time.
/// </summary>
internal sealed class PersonExport(SqliteFile file, TimeProvider clock)
{
    private static readonly JsonWriterOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What the person is known by; null for nobody.</summary>
    public PersonTraces? Find(long contactId)
    {
        using var connection = Open();
        var contact = connection.Prepare("SELECT email, customer_id FROM contacts WHERE id = ?1 AND email <> ''");
        if (!contact.Bind(1, contactId).Step())
        {
            return null;
        }

        var addresses = new SortedSet<string>(StringComparer.OrdinalIgnoreCase) { contact.Text(0) };
        var customerId = contact.IsNull(1) ? null : contact.Text(1);
        contact.Reset();
        var messages = new List<long>();
        var mail = connection.Prepare("SELECT id, email FROM messages WHERE contact_id = ?1 ORDER BY id").Bind(1, contactId);
        while (mail.Step())
        {
            messages.Add(mail.Number(0));
            addresses.Add(mail.Text(1));
        }

        mail.Reset();
        addresses.Remove("");
        return new PersonTraces(contactId, [.. addresses], customerId, messages, []);
    }

    /// <returns>How many lines.</returns>
    public async Task<long> WriteAsync(PersonTraces person, Stream output, CancellationToken cancellationToken)
    {
        using var connection = Open();
        var lines = new Lines(output);
        lines.Begin("export");
        lines.Text("contact_id", PublicId.Contact(person.ContactId));
        lines.Text("exported_at", ApiSetup.Text(clock.GetUtcNow()));
        lines.End();
        WriteContact(connection, person.ContactId, lines);
        WriteLists(connection, person.ContactId, lines);
        WriteJourneys(connection, person.ContactId, lines);
        WriteSuppressions(connection, person, lines);
        await lines.FlushAsync(cancellationToken);
        var mail = new MailLines(connection);
        foreach (var messageId in person.Messages)
        {
            mail.Write(messageId, lines);
            await lines.FlushAsync(cancellationToken);
        }

        await WriteFoundAsync(connection, person, lines, cancellationToken);
        await lines.FlushAsync(cancellationToken);
        return lines.Count;
    }

    private WriteConnection Open() => new(file.Path, "query_only=1", "wal_autocheckpoint=0", "temp_store=MEMORY");

    private static void WriteContact(WriteConnection connection, long contactId, Lines lines)
    {
        var contact = connection.Prepare("SELECT customer_id, email, attributes, tracking_consent, consent_at, created_at, consent_method, consent_wording, refused_topics FROM contacts WHERE id = ?1").Bind(1, contactId);
        if (contact.Step())
        {
            lines.Begin("contact");
            lines.Text("id", PublicId.Contact(contactId));
            lines.Text("customer_id", contact.IsNull(0) ? null : contact.Text(0));
            lines.Text("email", contact.Text(1));
            lines.Json("attributes", contact.Text(2));
            lines.Text("tracking_consent", ((TrackingConsent)contact.Number(3)).ToString().ToLowerInvariant());
            lines.Time("consent_at", contact.Number(4));
            lines.Text("consent_method", contact.Text(6));
            lines.Text("consent_wording", contact.Text(7));
            lines.Json("refused_topics", contact.Text(8));
            lines.Time("created_at", contact.Number(5));
            lines.End();
        }

        contact.Reset();
    }

    // Where they went through, step by step.
    private static void WriteJourneys(WriteConnection connection, long contactId, Lines lines)
    {
        var way = connection.Prepare("""
            SELECT e.id, j.name, e.entered_at, e.ended_at, e.ended_because, s.step, s.at, s.outcome, s.message_id
            FROM enrollments e CROSS JOIN journeys j ON j.id = e.journey_id LEFT JOIN enrollment_steps s ON s.enrollment_id = e.id
            WHERE e.contact_id = ?1 ORDER BY e.id, s.sequence
            """).Bind(1, contactId);
        while (way.Step())
        {
            lines.Begin("journey_step");
            lines.Text("enrollment_id", PublicId.Enrollment(way.Number(0)));
            lines.Text("journey", way.Text(1));
            lines.Time("entered_at", way.Number(2));
            lines.Time("ended_at", way.Number(3));
            lines.Text("ended_because", way.Text(4));
            lines.Text("step_id", way.IsNull(5) ? null : way.Text(5));
            lines.Time("at", way.Number(6));
            lines.Text("outcome", way.IsNull(7) ? null : way.Text(7));
            lines.Text("message_id", way.Number(8) == 0 ? null : PublicId.Message(way.Number(8)));
            lines.End();
        }

        way.Reset();
    }

    private static void WriteLists(WriteConnection connection, long contactId, Lines lines)
    {
        var list = connection.Prepare("SELECT l.id, l.name, m.added_at FROM list_members m CROSS JOIN lists l ON l.id = m.list_id WHERE m.contact_id = ?1 ORDER BY l.id").Bind(1, contactId);
        while (list.Step())
        {
            lines.Begin("list");
            lines.Text("list_id", PublicId.List(list.Number(0)));
            lines.Text("name", list.Text(1));
            lines.Time("added_at", list.Number(2));
            lines.End();
        }

        list.Reset();
    }

    // Every ground there is, not only the one the list shows, and who let the address back on.
    private static void WriteSuppressions(WriteConnection connection, PersonTraces person, Lines lines)
    {
        var ground = connection.Prepare("SELECT email, reason, source, campaign_id, note, created_at FROM suppression_grounds WHERE email = ?1 ORDER BY created_at, reason");
        var lift = connection.Prepare("SELECT email, reason, note, lifted_by, lifted_at FROM suppression_lifts WHERE email = ?1 ORDER BY id");
        foreach (var address in person.Addresses)
        {
            ground.Bind(1, address);
            while (ground.Step())
            {
                lines.Begin("suppression");
                lines.Text("email", ground.Text(0));
                lines.Text("reason", ground.Text(1));
                lines.Text("source", ground.Text(2));
                lines.Text("campaign_id", ground.Number(3) == 0 ? null : PublicId.Campaign(ground.Number(3)));
                lines.Text("note", ground.Text(4));
                lines.Time("created_at", ground.Number(5));
                lines.End();
            }

            ground.Reset();
            lift.Bind(1, address);
            while (lift.Step())
            {
                lines.Begin("suppression_lift");
                lines.Text("email", lift.Text(0));
                lines.Text("reason", lift.Text(1));
                lines.Text("note", lift.Text(2));
                lines.Text("lifted_by", lift.Text(3));
                lines.Time("lifted_at", lift.Number(4));
                lines.End();
            }

            lift.Reset();
        }
    }

    // What ESPs sent and what waits for its message is kept for days only, by arrival.
    private static async Task WriteFoundAsync(WriteConnection connection, PersonTraces person, Lines lines, CancellationToken cancellationToken)
    {
        const int page = 1_000;
        var marks = new PersonMarks(person);
        var messages = person.Messages.ToHashSet();
        var received = connection.Prepare("SELECT r.id, r.message_id, r.normalised, r.received_at, c.name FROM received_events r LEFT JOIN connections c ON c.id = r.connection_id WHERE r.id > ?1 ORDER BY r.id LIMIT ?2");
        await WalkAsync(received, row =>
        {
            if (messages.Contains(row.Number(1)) || marks.IsIn(row.Text(2)))
            {
                lines.Begin("received_event");
                lines.Text("connection", row.IsNull(4) ? null : row.Text(4));
                lines.Time("received_at", row.Number(3));
                lines.Json("reported", row.Text(2));
                lines.End();
            }
        });
        var waiting = connection.Prepare("SELECT id, customer_id, payload FROM unmatched_events WHERE id > ?1 ORDER BY id LIMIT ?2");
        await WalkAsync(waiting, row =>
        {
            if ((!row.IsNull(1) && row.Text(1) == person.CustomerId) || marks.IsIn(Encoding.UTF8.GetString(row.Blob(2))))
            {
                WriteWaiting(EventCodec.Read(row.Blob(2)), lines);
            }
        });

        async Task WalkAsync(Statement rows, Action<Statement> write)
        {
            for (var (after, read) = (0L, page); read == page;)
            {
                read = 0;
                rows.Bind(1, after).Bind(2, page);
                while (rows.Step())
                {
                    read++;
                    after = rows.Number(0);
                    write(rows);
                }

                rows.Reset();
                await lines.FlushAsync(cancellationToken);
            }
        }
    }

    private static void WriteWaiting(EmailEvent reported, Lines lines)
    {
        lines.Begin("waiting_event");
        lines.Text("event_type", reported.Type.Name());
        lines.Text("campaign_id", reported.CampaignId == 0 ? null : PublicId.Campaign(reported.CampaignId));
        lines.Text("customer_id", reported.CustomerId);
        lines.Text("customer_email", reported.CustomerEmail);
        lines.Text("esp_message_id", reported.EspMessageId);
        lines.Text("occurred_at", ApiSetup.Text(reported.OccurredAt));
        lines.Text("url", reported.Url);
        lines.Text("reason", reported.Reason);
        lines.Text("user_agent", reported.UserAgent);
        lines.Json("metadata", reported.Metadata);
        lines.End();
    }

    /// <summary>Lines gathering in memory until they are sent.</summary>
    internal sealed class Lines(Stream output)
    {
        private readonly ArrayBufferWriter<byte> _gathered = new(16 * 1024);
        private Utf8JsonWriter? _json;

        public long Count { get; private set; }

        private Utf8JsonWriter Writer => _json ??= new Utf8JsonWriter(_gathered, s_json);

        public void Begin(string type)
        {
            Writer.WriteStartObject();
            Writer.WriteString("type", type);
        }

        public void Text(string name, string? value) => Writer.WriteString(name, value);

        public void Number(string name, long value) => Writer.WriteNumber(name, value);

        public void Flag(string name, bool value) => Writer.WriteBoolean(name, value);

        /// <param name="at">Unix milliseconds, 0 for never.</param>
        public void Time(string name, long at) => Writer.WriteString(name, at == 0 ? null : ApiSetup.Text(DateTimeOffset.FromUnixTimeMilliseconds(at)));

        public void Json(string name, string? json)
        {
            Writer.WritePropertyName(name);
            Writer.WriteRawValue(json is { Length: > 0 } ? json : "null");
        }

        public void Words(string name, IEnumerable<string> words)
        {
            Writer.WriteStartArray(name);
            foreach (var word in words)
            {
                Writer.WriteStringValue(word);
            }

            Writer.WriteEndArray();
        }

        public void End()
        {
            Writer.WriteEndObject();
            Writer.Flush();
            Writer.Reset();
            _gathered.Write("\n"u8);
            Count++;
        }

        public async Task FlushAsync(CancellationToken cancellationToken)
        {
            await output.WriteAsync(_gathered.WrittenMemory, cancellationToken);
            _gathered.ResetWrittenCount();
        }
    }
}
