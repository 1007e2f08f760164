using ScoreTracking.Events;

namespace ScoreTracking.Ingest;

/// <summary>An event as it lies in the inbox.</summary>
internal readonly record struct InboxEvent(long Position, EmailEvent Reported);
