using Microsoft.Data.Sqlite;
using ScoreTracking.Data;

namespace ScoreTracking.Contacts;

/// <summary>Rows of a file that are stored in one transaction, together with the progress of their import.</summary>
internal sealed class ImportChunk
{
    private readonly List<ContactRow> _rows = [];
    private readonly List<(long Line, string Email, string Error)> _errors = [];

    /// <summary>Good and bad rows.</summary>
    public int Count => _rows.Count + _errors.Count;

    public ContactRow[] Rows => [.. _rows];

    /// <summary>Reads the next rows, up to <paramref name="max"/>; none at the end.</summary>
    public void Fill(ContactCsv csv, int max)
    {
        _rows.Clear();
        _errors.Clear();
        while (Count < max && csv.Read())
        {
            if (csv.Error.Length == 0)
            {
                _rows.Add(csv.Row);
            }
            else
            {
                _errors.Add((csv.Line, csv.Email[..Math.Min(csv.Email.Length, EmailAddress.MaxLength)], csv.Error));
            }
        }
    }

    /// <summary>Moves the job's progress by what became of these rows, here and in the database.</summary>
    public void Store(SqliteConnection connection, SqliteTransaction transaction, Job job, int added, int duplicates, int suppressed)
    {
        StoreErrors(connection, transaction, job);
        job.Processed += Count;
        job.Invalid += _errors.Count;
        job.Added += added;
        job.Duplicates += duplicates;
        job.Suppressed += suppressed;
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "UPDATE jobs SET processed = $2, added = $3, duplicates = $4, suppressed = $5, invalid = $6 WHERE id = $1";
        command.Parameters.AddWithValue("$1", job.Id);
        command.Parameters.AddWithValue("$2", job.Processed);
        command.Parameters.AddWithValue("$3", job.Added);
        command.Parameters.AddWithValue("$4", job.Duplicates);
        command.Parameters.AddWithValue("$5", job.Suppressed);
        command.Parameters.AddWithValue("$6", job.Invalid);
        command.ExecuteNonQuery();
    }

    private void StoreErrors(SqliteConnection connection, SqliteTransaction transaction, Job job)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "INSERT OR REPLACE INTO job_errors (job_id, line, email, error) VALUES ($1, $2, $3, $4)";
        command.Parameters.AddWithValue("$1", job.Id);
        var line = command.Parameters.Add("$2", SqliteType.Integer);
        var email = command.Parameters.Add("$3", SqliteType.Text);
        var error = command.Parameters.Add("$4", SqliteType.Text);
        foreach (var bad in _errors.Take((int)Math.Clamp(JobError.MaxKept - job.Invalid, 0, _errors.Count)))
        {
            line.Value = bad.Line;
            email.Value = bad.Email;
            error.Value = bad.Error;
            command.ExecuteNonQuery();
        }
    }
}
