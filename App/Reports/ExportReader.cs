using ScoreTracking.Data;

namespace ScoreTracking.Reports;

/// <summary>Reads what is exported, by key: each chunk is a short read of its own, because one open for minutes would keep the WAL from being truncated.</summary>
internal abstract class ExportReader
{
    /// <summary>Most rows of a chunk: what lies in memory at a time.</summary>
    protected const int ChunkRows = 5_000;

    private long? _place;

    public abstract IReadOnlyList<ExportColumn> Columns { get; }

    /// <summary>Writes the next rows into the file.</summary>
    /// <returns>How many, or null behind the last. 0 means that a chunk had none and the next may.</returns>
    public int? ReadChunk(IExportFile file)
    {
        if (IsDone)
        {
            return null;
        }

        var rows = 0;
        var last = 0L;
        var reading = Bind(Rows, _place);
        while (reading.Step())
        {
            last = reading.Number(0);
            Write(reading, file);
            rows++;
        }

        reading.Reset();
        if (rows == ChunkRows)
        {
            _place = last;
            return rows;
        }

        // Fewer: at the end, or behind as many as are looked at in one read.
        _place = Bind(End, _place).Scalar();
        IsDone = _place is null && !TryAnother(rows);
        return rows;
    }

    protected bool IsDone { get; set; }

    /// <summary>Gives rows whose first column is their place.</summary>
    protected abstract Statement Rows { get; }

    /// <summary>Gives the last place a read looked at, if it stopped there.</summary>
    protected abstract Statement End { get; }

    /// <param name="place">Null at the beginning.</param>
    protected abstract Statement Bind(Statement statement, long? place);

    protected abstract void Write(Statement row, IExportFile file);

    /// <summary>Another way to begin again with, where this one has come to its end.</summary>
    protected virtual bool TryAnother(int rows) => false;
}
