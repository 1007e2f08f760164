using System.Globalization;
using ScoreTracking.Counters;
using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>Counts people's ways again and says where the numbers on the canvas differ.</summary>
internal static class JourneyRecount
{
    // What is being deleted in pieces adds up to nothing any more.
    private const string Kept = "journey_id NOT IN (SELECT id FROM journeys WHERE status = 'removed')";

    public static IReadOnlyList<Difference> Run(WriteConnection connection)
    {
        var differences = new List<Difference>();
        using var compared = connection.Prepare($"""
            SELECT journey_id, version, step, outcome, sum(stored), sum(recounted) FROM (
                SELECT journey_id, version, step, outcome, people AS stored, 0 AS recounted FROM journey_counts WHERE {Kept}
                UNION ALL SELECT journey_id, version, step, outcome, 0, people FROM ({JourneyCount.FromWays($"e.{Kept}")})
            ) GROUP BY journey_id, version, step, outcome HAVING sum(stored) <> sum(recounted)
            """);
        while (compared.Step())
        {
            differences.Add(new Difference(
                string.Create(CultureInfo.InvariantCulture, $"journey {compared.Number(0)} version {compared.Number(1)} step '{compared.Text(2)}' {compared.Text(3)}"),
                compared.Number(4).ToString(CultureInfo.InvariantCulture),
                compared.Number(5).ToString(CultureInfo.InvariantCulture)));
        }

        // Every step done is written down, once.
        using var lost = connection.Prepare("""
            SELECT e.id, e.sequence, count(s.sequence) FROM enrollments e LEFT JOIN enrollment_steps s ON s.enrollment_id = e.id GROUP BY e.id HAVING e.sequence <> count(s.sequence)
            """);
        while (lost.Step())
        {
            differences.Add(new Difference(
                string.Create(CultureInfo.InvariantCulture, $"steps of enrollment {lost.Number(0)}"),
                lost.Number(1).ToString(CultureInfo.InvariantCulture),
                lost.Number(2).ToString(CultureInfo.InvariantCulture)));
        }

        return differences;
    }
}
