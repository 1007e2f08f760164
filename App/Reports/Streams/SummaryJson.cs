using System.Runtime.CompilerServices;
using System.Text.Json;
using ScoreTracking.Api;

namespace ScoreTracking.Reports.Streams;

/// <summary>A summary as <c>GET …/report</c> answers it, written once for all streams that send it.</summary>
internal static class SummaryJson
{
    private static readonly ConditionalWeakTable<Summary, byte[]> s_written = [];

    public static byte[] Of(Summary summary) =>
        s_written.GetValue(summary, static written => JsonSerializer.SerializeToUtf8Bytes(Answers.Data(written), ApiSetup.Json));
}
