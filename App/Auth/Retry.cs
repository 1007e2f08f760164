using System.Globalization;

namespace ScoreTracking.Auth;

/// <summary>Saying "later" to browsers and to people.</summary>
internal static class Retry
{
    public static void After(HttpContext context, TimeSpan wait)
    {
        context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
        context.Response.Headers.RetryAfter = Seconds(wait).ToString(CultureInfo.InvariantCulture);
    }

    public static string Words(TimeSpan wait) => Seconds(wait) is 1 ? "a second" : $"{Seconds(wait)} seconds";

    private static int Seconds(TimeSpan wait) => Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
}
