using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;
using ScoreTracking.Auth;

namespace ScoreTracking.Campaigns;

internal static class InstrumentEndpoints
{
    // HTML in JSON: the default would write every < and > as six characters.
    private static readonly JsonSerializerOptions s_json = new(ApiSetup.Json) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void MapInstrument(this RouteGroupBuilder campaigns)
    {
        campaigns.MapPost("/{id}/instrument", OneAsync).WithSummary("One recipient's own copy, with pixel, tracked links and unsubscribe").RequireScope(Scopes.CampaignsSend);
        campaigns.MapPost("/{id}/instrument/batch", BatchAsync).WithSummary("Copies for up to 1,000 recipients, as NDJSON").RequireScope(Scopes.CampaignsSend);
    }

    private static async Task<Results<JsonHttpResult<One<Instrumented>>, ProblemHttpResult>> OneAsync(
        string id, InstrumentBody body, Instrumentation instrumentation, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(id, out var campaignId))
        {
            return Problems.NotFound("campaign");
        }

        var outcome = await instrumentation.OneAsync(campaignId, body, cancellationToken);
        return outcome.Value is { } copy ? TypedResults.Json(Answers.Data(copy), s_json) : outcome.Refused!.ToProblem();
    }

    private static async Task<IResult> BatchAsync(string id, RecipientsBody body, Instrumentation instrumentation, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(id, out var campaignId))
        {
            return Problems.NotFound("campaign");
        }

        if (body.Recipients is not { Count: > 0 and <= Instrumentation.MaxBatch })
        {
            return Problems.Invalid("recipients", $"must be 1 to {Instrumentation.MaxBatch}");
        }

        var outcome = await instrumentation.BatchAsync(campaignId, body.Recipients, cancellationToken);
        return outcome.Value is { } batch ? new Lines(batch) : outcome.Refused!.ToProblem();
    }

    /// <summary>One line of JSON per recipient, each written as it is rendered: a batch of newsletters is a hundred megabytes.</summary>
    private sealed class Lines(InstrumentedBatch batch) : IResult
    {
        private const int FlushBytes = 256 * 1024;

        public async Task ExecuteAsync(HttpContext context)
        {
            context.Response.ContentType = "application/x-ndjson";
            var output = context.Response.BodyWriter;
            await using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = s_json.Encoder, SkipValidation = true });
            for (var line = 0; line < batch.Count; line++)
            {
                JsonSerializer.Serialize(json, batch.Render(line), s_json);
                json.Flush();
                json.Reset();
                output.Write("\n"u8);
                if (output.UnflushedBytes >= FlushBytes)
                {
                    await output.FlushAsync(context.RequestAborted);
                }
            }
        }
    }
}
