namespace ScoreTracking.Ingest;

/// <summary>What a person is known by and what points to them: what is looked for in the places that are not kept by person.</summary>
/// <param name="Addresses">Theirs, the ones they had earlier included.</param>
/// <param name="Messages">Their mail.</param>
/// <param name="UserAgents">Rows of user agents their hits pointed to.</param>
public sealed record PersonTraces(
    long ContactId, IReadOnlyList<string> Addresses, string? CustomerId, IReadOnlyList<long> Messages, IReadOnlyList<long> UserAgents);
