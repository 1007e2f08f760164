namespace ScoreTracking.Segments;

/// <summary>How many people a statement with a rule in it looks at, and so what is worth doing beforehand.</summary>
internal enum SegmentScope : byte
{
    /// <summary>One contact after the other, as the statement around it comes by them.</summary>
    Contact,

    /// <summary>The contacts behind <c>$after</c> up to <c>$until</c>, until enough are found: nothing is prepared that a page would wait for.</summary>
    Page,

    /// <summary>All contacts, in ranges behind <c>$after</c> up to <c>$until</c>: what is the same for all ranges is looked up once.</summary>
    Count,
}

/// <summary>People found once for all ranges of a count, each set a temporary table of the counting connection.</summary>
internal sealed class SegmentSets
{
    private readonly List<(string Name, string Select)> _all = [];

    /// <summary>What makes them, in order.</summary>
    public IEnumerable<string> Statements => _all.SelectMany(set => new[]
    {
        $"CREATE TEMP TABLE {set.Name} (contact_id INTEGER NOT NULL PRIMARY KEY)",
        $"INSERT OR IGNORE INTO temp.{set.Name} {set.Select}",
    });

    /// <param name="select">Ids of contacts; one may come several times.</param>
    /// <returns>The condition that a contact is among them.</returns>
    public string Add(string select)
    {
        var name = $"segset{_all.Count}";
        _all.Add((name, select));
        return $"segk.contact_id IN (SELECT contact_id FROM temp.{name})";
    }
}
