namespace ScoreTracking.Domains;

/// <summary>"v=DKIM1; k=rsa; p=…": how DKIM and DMARC write their records.</summary>
internal static class TagList
{
    /// <summary>Tags by name; the first of a name wins. Null where it is no such list.</summary>
    public static Dictionary<string, string>? Read(string record)
    {
        var tags = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var part in record.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                return null;
            }

            tags.TryAdd(part[..equals].Trim(), part[(equals + 1)..].Trim());
        }

        return tags;
    }
}
