using ScoreTracking.Data;

namespace ScoreTracking.Campaigns;

/// <summary>A campaign while somebody writes it. What the form does not show is kept as it was.</summary>
public sealed class CampaignForm
{
    private AbTestBody? _loaded;

    public string Name { get; set; } = "";
    public string FromEmail { get; set; } = "";
    public string FromName { get; set; } = "";
    public string ReplyTo { get; set; } = "";

    /// <summary>Separated by commas.</summary>
    public string Topics { get; set; } = "";
    /// <summary>external or smtp.</summary>
    public string Delivery { get; set; } = CampaignDelivery.External;

    /// <summary>"con_…"; empty until one is chosen.</summary>
    public string ConnectionId { get; set; } = "";
    public bool TrackOpens { get; set; } = true;
    public bool TrackClicks { get; set; } = true;
    public string Subject { get; set; } = "";
    public string Preheader { get; set; } = "";
    public string Html { get; set; } = "";
    public string Text { get; set; } = "";
    public List<FactorForm> Factors { get; } = [];

    /// <summary>What the winner is judged by.</summary>
    public string Metric { get; set; } = "click_rate";

    /// <summary>How many variants the factors make together, 1 without any.</summary>
    public long Variants => Factors.Aggregate(1L, (product, factor) => Math.Min(product * factor.Levels.Count, int.MaxValue));

    public static CampaignForm Of(CampaignAnswer campaign)
    {
        var form = new CampaignForm
        {
            _loaded = campaign.AbTest,
            Name = campaign.Name,
            FromEmail = campaign.From.Email ?? "",
            FromName = campaign.From.Name ?? "",
            ReplyTo = campaign.ReplyTo ?? "",
            Topics = string.Join(", ", campaign.Topics),
            Delivery = campaign.Delivery,
            ConnectionId = campaign.ConnectionId ?? "",
            TrackOpens = campaign.TrackOpens,
            TrackClicks = campaign.TrackClicks,
            Subject = campaign.Content.Subject ?? "",
            Preheader = campaign.Content.Preheader ?? "",
            Html = campaign.Content.Html ?? "",
            Text = campaign.Content.Text ?? "",
            Metric = campaign.AbTest?.Winner?.Metric ?? "click_rate",
        };
        form.Factors.AddRange((campaign.AbTest?.Factors ?? []).Select(FactorForm.Of));
        return form;
    }

    public FactorForm? Factor(string field) => Factors.Find(factor => factor.Field == field);

    /// <summary>Makes a field a factor; its first level is what stood in the field.</summary>
    public void AddFactor(string field)
    {
        var factor = new FactorForm(field);
        factor.Add(Value(field));
        factor.Add("");
        Factors.Add(factor);
    }

    /// <summary>Ends the test of a field, which keeps the first level.</summary>
    public void RemoveFactor(FactorForm factor)
    {
        Factors.Remove(factor);
        var value = factor.Levels.Count > 0 ? factor.Levels[0].Value : "";
        switch (factor.Field)
        {
            case "subject":
                Subject = value;
                break;
            case "html":
                Html = value;
                break;
            case "from_name":
                FromName = value;
                break;
            case "preheader":
                Preheader = value;
                break;
        }
    }

    /// <summary>What stands in a field without a test of it.</summary>
    public string Value(string field) => field switch
    {
        "subject" => Subject,
        "html" => Html,
        "from_name" => FromName,
        "preheader" => Preheader,
        _ => "",
    };

    public CampaignBody ToBody() => new()
    {
        Name = Name,
        From = new SenderBody { Email = FromEmail.Trim(), Name = FromName },
        Topics = Topics.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
        ReplyTo = string.IsNullOrWhiteSpace(ReplyTo) ? null : ReplyTo.Trim(),
        TrackOpens = TrackOpens,
        TrackClicks = TrackClicks,

        // The list of campaigns shows a subject, tested or not.
        Content = new ContentBody { Subject = Factor("subject")?.Levels.FirstOrDefault()?.Value ?? Subject, Preheader = Preheader, Html = Html, Text = Text },
        Delivery = Delivery,
        ConnectionId = Delivery == CampaignDelivery.Smtp && ConnectionId.Length > 0 ? ConnectionId : null,
        AbTest = Factors.Count == 0 ? null : Test(),
    };

    private AbTestBody Test()
    {
        IReadOnlyList<FactorBody> factors = [.. Factors.Select(factor => factor.ToBody())];

        // Weights belong to the variants they were written for.
        var weighted = _loaded?.Distribution == "weighted" && _loaded.Weights?.Count == Variants;
        return new AbTestBody
        {
            Factors = factors,
            Distribution = weighted ? "weighted" : "equal",
            Weights = weighted ? _loaded!.Weights : null,
            SamplePercent = _loaded?.SamplePercent ?? 100,
            Winner = (_loaded?.Winner ?? new WinnerBody { Mode = "manual" }) with { Metric = Metric },
        };
    }
}

/// <summary>A field that is tested, with its levels.</summary>
public sealed class FactorForm(string field)
{
    public string Field { get; } = field;
    public List<LevelForm> Levels { get; } = [];

    /// <summary>The field in words.</summary>
    public string Title => TitleOf(Field);

    public static string TitleOf(string field) => field switch
    {
        "subject" => "Subject",
        "html" => "Content",
        "from_name" => "From name",
        "preheader" => "Preheader",
        _ => field,
    };

    public static FactorForm Of(FactorBody factor)
    {
        var form = new FactorForm(factor.Field ?? "");
        form.Levels.AddRange((factor.Levels ?? []).Select(level => new LevelForm { Key = level.Key ?? "", Value = level.Value ?? "" }));
        return form;
    }

    /// <summary>Adds a level under the next free key: s1, s2 for subjects, c1, c2 for contents.</summary>
    public void Add(string value)
    {
        var letter = Field switch
        {
            "subject" => 's',
            "html" => 'c',
            "from_name" => 'f',
            _ => 'p',
        };
        var key = Enumerable.Range(1, Levels.Count + 1).Select(number => $"{letter}{number}").First(key => Levels.TrueForAll(level => level.Key != key));
        Levels.Add(new LevelForm { Key = key, Value = value });
    }

    public FactorBody ToBody() => new() { Field = Field, Levels = [.. Levels.Select(level => new LevelBody { Key = level.Key, Value = level.Value })] };
}

public sealed class LevelForm
{
    public required string Key { get; set; }
    public required string Value { get; set; }
}
