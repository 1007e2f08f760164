namespace ScoreTracking.Webhooks;

/// <summary>Addresses as ESPs write them.</summary>
internal static class Recipients
{
    /// <summary>The first address of a list, without display name and angle brackets, letters as given; null when there is none.</summary>
    public static string? Bare(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var address = text.AsSpan();
        var quoted = false;
        int open = -1, end = address.Length;
        for (var i = 0; i < address.Length; i++)
        {
            if (address[i] == '"')
            {
                quoted = !quoted;
            }
            else if (!quoted && address[i] == '<')
            {
                open = i;
            }
            else if (!quoted && ((address[i] == '>' && open >= 0) || address[i] == ','))
            {
                end = i;
                break;
            }
        }

        address = address[(open + 1)..end].Trim();
        return address.Contains('@') ? address.ToString() : null;
    }
}
