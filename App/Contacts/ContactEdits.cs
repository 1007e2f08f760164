using System.Text.Json;
using ScoreTracking.Data;
using ScoreTracking.Live;
using ScoreTracking.Suppressions;

namespace ScoreTracking.Contacts;

/// <summary>What a program says of a person it knows by its own id.</summary>
public sealed record ContactBody
{
    /// <summary>May be missing for a contact we have.</summary>
    public string? Email { get; init; }

    /// <summary>Attributes: strings, numbers and booleans; null removes one, those not named stay.</summary>
    public JsonElement? Data { get; init; }

    /// <summary>granted, denied or unknown; missing changes nothing.</summary>
    public string? TrackingConsent { get; init; }
}

/// <summary>What a person answered about tracking.</summary>
public sealed record ConsentBody
{
    /// <summary>granted, denied or unknown.</summary>
    public string? TrackingConsent { get; init; }

    /// <summary>How the answer was given, such as "signup_form"; missing means api.</summary>
    public string? Method { get; init; }

    /// <summary>The words the person answered to.</summary>
    public string? Wording { get; init; }

    /// <summary>When; missing means now. Not in the future.</summary>
    public DateTimeOffset? At { get; init; }
}

/// <summary>An answer about tracking whose every value was checked.</summary>
internal sealed record ConsentAnswered(TrackingConsent Consent, string Method, string Wording, DateTimeOffset? At);

/// <summary>What became of a change.</summary>
/// <param name="Id">0 where it was refused.</param>
/// <param name="Errors">What is wrong, by field.</param>
internal sealed record ContactOutcome(long Id, bool Added, Dictionary<string, string[]> Errors);

/// <summary>Adds and changes people, one at a time, each in a short transaction.</summary>
internal sealed class ContactEdits(SqliteFile file, ErasedPeople erased, LiveUpdates live, TimeProvider clock)
{
    public const int MaxMethod = 64;
    public const int MaxWording = 2_000;

    /// <summary>Adds the person with this customer id, or changes what differs.</summary>
    public ContactOutcome Put(string customerId, ContactBody body)
    {
        using var connection = file.Open();
        using var commands = new PreparedCommands(connection);
        using var transaction = connection.BeginTransaction();
        commands.Enter(transaction);
        var email = body.Email ?? commands.Command("SELECT email FROM contacts WHERE customer_id = $1", customerId).ExecuteScalar() as string;
        if (!ContactRow.TryRead(customerId, email, body.Data, body.TrackingConsent, out var row, out var error))
        {
            return new ContactOutcome(0, Added: false, new() { [error] = [error == "email" && email is null ? "required" : "not valid"] });
        }

        var sql = new ContactSql(commands, erased);
        var found = sql.Find(row);
        if (found.IsErased)
        {
            return new ContactOutcome(0, Added: false, new() { ["email"] = ["belongs to somebody who was erased: nothing is kept of them"] });
        }

        var id = sql.Write(found, row, clock.GetUtcNow().ToUnixTimeMilliseconds());
        transaction.Commit();
        live.Signal([LiveTopic.Contact(id), LiveTopic.Contacts]);
        return new ContactOutcome(id, !found.IsKnown || found.IsDeleted, []);
    }

    /// <summary>Checks an answer about tracking; what is wrong with it is noted under its field.</summary>
    public ConsentAnswered? Read(ConsentBody body, string usualMethod, Dictionary<string, string[]> errors)
    {
        if (!ContactRow.TryConsent(body.TrackingConsent, out var consent) || consent is null)
        {
            errors["tracking_consent"] = [body.TrackingConsent is null ? "required" : "must be granted, denied or unknown"];
        }

        var method = body.Method?.Trim() is { Length: > 0 } given ? given : usualMethod;
        if (method.Length > MaxMethod || method.Any(char.IsControl))
        {
            errors["method"] = [$"must be one line of at most {MaxMethod} characters"];
        }

        var wording = body.Wording?.Trim() ?? "";
        if (wording.Length > MaxWording || wording.Contains('\0'))
        {
            errors["wording"] = [$"must be at most {MaxWording} characters"];
        }

        if (body.At > clock.GetUtcNow())
        {
            errors["at"] = ["must not be in the future"];
        }

        return errors.Count == 0 ? new ConsentAnswered(consent!.Value, method, wording, body.At) : null;
    }

    /// <summary>Writes down what a person answered. It holds for mail already sent, too.</summary>
    /// <returns>False without such a contact.</returns>
    public bool Answer(long id, ConsentAnswered answered)
    {
        using var connection = file.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE contacts SET tracking_consent = $2, consent_at = $3, consent_method = $4, consent_wording = $5 WHERE id = $1";
        command.Parameters.AddWithValue("$1", id);
        command.Parameters.AddWithValue("$2", (long)answered.Consent);
        command.Parameters.AddWithValue("$3", (answered.At ?? clock.GetUtcNow()).ToUnixTimeMilliseconds());
        command.Parameters.AddWithValue("$4", answered.Method);
        command.Parameters.AddWithValue("$5", answered.Wording);
        if (command.ExecuteNonQuery() == 0)
        {
            return false;
        }

        live.Signal([LiveTopic.Contact(id), LiveTopic.Contacts]);
        return true;
    }
}
