using ScoreTracking.Data;
using ScoreTracking.Engagement;

namespace ScoreTracking.Counters;

/// <summary>Compares what is kept of every contact with what the log, and the suppression list, say.</summary>
internal static class ContactRecount
{
    private const string Listed = "EXISTS (SELECT 1 FROM suppressions s WHERE s.email = c.email)";

    /// <param name="differ">Told what is wrong, what is stored and what is right.</param>
    public static void Run(WriteConnection connection, Action<string, string, string> differ, CancellationToken cancellationToken)
    {
        new EngagementRecount(connection).Run((contactId, stored, right) => differ($"rank of contact {contactId}", stored?.ToString() ?? "none", right.ToString()), cancellationToken);
        new ActivityRecount(connection).Run((contactId, stored, right) => differ($"activity of contact {contactId}", stored.ToString(), right.ToString()), cancellationToken);
        var wrong = connection.Prepare($"SELECT c.id, k.suppressed FROM contact_state k CROSS JOIN contacts c ON c.id = k.contact_id WHERE k.suppressed <> {Listed}");
        while (wrong.Step())
        {
            cancellationToken.ThrowIfCancellationRequested();
            differ($"suppression of contact {wrong.Number(0)}", Text(wrong.Number(1) != 0), Text(wrong.Number(1) == 0));
        }

        wrong.Reset();

        static string Text(bool suppressed) => suppressed ? "suppressed" : "mailable";
    }

    /// <summary>Makes right what <see cref="Run"/> finds.</summary>
    public static void Mend(WriteConnection connection, CancellationToken cancellationToken)
    {
        new EngagementRecount(connection).Mend(cancellationToken);
        new ActivityRecount(connection).Mend(cancellationToken);
        connection.Execute($"UPDATE contact_state SET suppressed = NOT suppressed WHERE suppressed <> (SELECT {Listed} FROM contacts c WHERE c.id = contact_id)");
    }
}
