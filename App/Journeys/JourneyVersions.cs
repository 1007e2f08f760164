using ScoreTracking.Data;

namespace ScoreTracking.Journeys;

/// <summary>Published definitions, read once: a version never changes. For one thread at a time.</summary>
internal sealed class JourneyVersions(PreparedCommands commands)
{
    // About as many as there are journeys; people stay on old versions for years.
    private const int MostKept = 1_000;

    private readonly Dictionary<(long Journey, int Version), JourneyDefinition> _kept = [];

    /// <summary>Null where there is none.</summary>
    public JourneyDefinition? Find(long journeyId, int version)
    {
        if (_kept.TryGetValue((journeyId, version), out var known))
        {
            return known;
        }

        if (commands.Command("SELECT definition FROM journey_versions WHERE journey_id = $1 AND version = $2", journeyId, version).ExecuteScalar() is not string json)
        {
            return null;
        }

        if (_kept.Count >= MostKept)
        {
            _kept.Clear();
        }

        return _kept[(journeyId, version)] = JourneyJson.Read(json);
    }
}
