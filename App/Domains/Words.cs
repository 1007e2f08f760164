namespace ScoreTracking.Domains;

/// <summary>What checks have in common to say.</summary>
internal static class Words
{
    public static Finding Silence(string check, string name) => new(check, Verdicts.Unknown,
        $"The name server did not answer for {name}, so nothing is known. Try again later, or see that this machine may ask DNS.", name, null, []);
}
