namespace ScoreTracking.Hooks;

/// <summary>A secret made a moment ago, so that its webhook's page can show it once. One per viewer's connection, gone when the page is left; what is stored is never shown.</summary>
public sealed class NewHookSecret
{
    private string? _hookId;
    private string? _secret;

    public void Keep(string hookId, string? secret) => (_hookId, _secret) = (hookId, secret);

    /// <summary>The secret, if it is this webhook's.</summary>
    public string? Of(string hookId) => _hookId == hookId ? _secret : null;

    public void Forget() => (_hookId, _secret) = (null, null);
}
