using System.Text.Json;
using System.Text.Json.Serialization;

namespace ScoreTracking.Api;

public static class ApiSetup
{
    /// <summary>How the API reads and writes JSON: snake_case, unknown members refused, depth at most 32.</summary>
    public static JsonSerializerOptions Json { get; } = Configure(new JsonSerializerOptions());

    public static void AddApi(this IServiceCollection services)
    {
        services.AddOptions<ServerUrls>().BindConfiguration("").ValidateDataAnnotations().ValidateOnStart();
        services.AddProblemDetails();
        services.ConfigureHttpJsonOptions(options => Configure(options.SerializerOptions));
        services.Configure<RouteHandlerOptions>(options => options.ThrowOnBadRequest = true);
    }

    /// <summary>Keeps the promise of the <c>Idempotency-Key</c> header. After authorization: keys belong to their API key.</summary>
    public static void UseIdempotency(this IApplicationBuilder app) => app.UseMiddleware<Idempotency>();

    private static JsonSerializerOptions Configure(JsonSerializerOptions json)
    {
        json.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        json.PropertyNameCaseInsensitive = false;
        json.DictionaryKeyPolicy = null;
        json.UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow;
        json.RespectNullableAnnotations = true;
        json.RespectRequiredConstructorParameters = true;
        json.MaxDepth = 32;
        json.Converters.Add(new UtcTime());
        return json;
    }

    /// <summary>ISO 8601 in UTC, with milliseconds only where there are any. A time without an offset is refused: it would mean something else on every server.</summary>
    private sealed class UtcTime : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.GetString() ?? "";
            var hasOffset = text.EndsWith('Z') || text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.Ordinal);
            return text.Contains('T', StringComparison.Ordinal) && hasOffset && reader.TryGetDateTimeOffset(out var time)
                ? time.ToUniversalTime()
                : throw new JsonException("The JSON value could not be converted to a time with an offset.");
        }

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Text(value));
    }

    /// <summary>A time as the API and CSV files write it.</summary>
    public static string Text(DateTimeOffset value) =>
        value.UtcDateTime.ToString(value.Millisecond == 0 ? "yyyy-MM-ddTHH:mm:ssZ" : "yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);
}
