namespace ScoreTracking.Ingest;

/// <summary>What an erased person was known by and what pointed to them: what is looked for in the places the log does not keep in order.</summary>
/// <param name="Addresses">Theirs, the ones they had earlier included.</param>
/// <param name="Messages">Their mail.</param>
/// <param name="UserAgents">Rows of user agents their hits pointed to.</param>
public sealed record ErasedTraces(
    long ContactId, IReadOnlyList<string> Addresses, string? CustomerId, IReadOnlyList<long> Messages, IReadOnlyList<long> UserAgents);
