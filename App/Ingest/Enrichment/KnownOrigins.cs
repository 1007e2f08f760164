using ScoreTracking.Events;

namespace ScoreTracking.Ingest.Enrichment;

/// <summary><see cref="OriginRules"/> with a memory: what a user agent says of a hit never changes, and few of them make most hits.</summary>
internal sealed class KnownOrigins
{
    private const int Capacity = 20_000;

    private readonly Dictionary<(EventType, EventSource, string), (Verdict, VerdictReasons)> _known = [];

    public (Verdict Verdict, VerdictReasons Reasons) Judge(EmailEvent reported)
    {
        if (!reported.Type.IsHit() || reported.KnownVerdict != Verdict.None || string.IsNullOrEmpty(reported.UserAgent))
        {
            return OriginRules.Judge(reported);
        }

        var key = (reported.Type, reported.Source, reported.UserAgent);
        if (!_known.TryGetValue(key, out var judged))
        {
            if (_known.Count >= Capacity)
            {
                _known.Clear();
            }

            _known[key] = judged = OriginRules.Judge(reported);
        }

        return judged;
    }
}
