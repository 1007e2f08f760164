namespace ScoreTracking.Hooks;

/// <summary>Where pages about webhooks are.</summary>
public static class HookAddress
{
    public const string List = "/settings/webhooks";

    public static string Of(string id) => $"{List}/{id}";
}
