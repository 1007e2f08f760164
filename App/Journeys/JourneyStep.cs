using System.Text.Json.Nodes;
using ScoreTracking.Events;

namespace ScoreTracking.Journeys;

/// <summary>A way out of a step.</summary>
/// <param name="Key">Unique within the step: "next", "event", "timeout", "yes", "no", "otherwise", or a branch's key.</param>
/// <param name="Next">The step it leads to; null where the journey ends.</param>
public readonly record struct StepExit(string Key, string? Next);

/// <summary>One step of a journey. Ids of campaigns, lists and segments are 0, and texts "", where nothing is chosen yet.</summary>
/// <param name="Id">Unique within the journey.</param>
public abstract record JourneyStep(string Id)
{
    /// <summary>The exit of steps that have only one.</summary>
    public const string Next = "next";

    /// <summary>As the API writes it: "wait_for".</summary>
    public abstract string Type { get; }

    /// <summary>The ways out, in the order they are drawn; none where the journey ends here.</summary>
    public abstract IReadOnlyList<StepExit> Exits { get; }

    /// <summary>The same step with its exits leading elsewhere.</summary>
    public abstract JourneyStep WithExits(Func<StepExit, string?> elsewhere);

    /// <summary>The exit an outcome leaves by. An outcome may say more than the exit ("already_sent"): what is no exit's key leaves by the first one.</summary>
    public StepExit? ExitOf(string outcome)
    {
        foreach (var exit in Exits)
        {
            if (exit.Key == outcome)
            {
                return exit;
            }
        }

        return Exits.Count > 0 ? Exits[0] : null;
    }
}

/// <summary>A step with one way out.</summary>
public abstract record PlainStep(string Id, string? Then) : JourneyStep(Id)
{
    public sealed override IReadOnlyList<StepExit> Exits => [new(Next, Then)];

    public sealed override JourneyStep WithExits(Func<StepExit, string?> elsewhere) => this with { Then = elsewhere(new StepExit(Next, Then)) };
}

/// <summary>Sends a campaign to the person: it is made for them, or handed over, as campaigns are.</summary>
public sealed record SendStep(string Id, long CampaignId, string? Then) : PlainStep(Id, Then)
{
    public const string TypeName = "send";

    public override string Type => TypeName;
}

/// <summary>Waits, counted from when the person came to it.</summary>
public sealed record DelayStep(string Id, TimeSpan For, string? Then) : PlainStep(Id, Then)
{
    public const string TypeName = "delay";

    public override string Type => TypeName;
}

/// <summary>Waits for a date the contact carries, in the organization's zone. Who has no such date, or one that is past, goes on at once.</summary>
/// <param name="Field">The attribute's name.</param>
/// <param name="Offset">Added to the date; may be negative.</param>
/// <param name="At">The time of that day; null: the time the attribute names, midnight where it names none.</param>
public sealed record WaitUntilStep(string Id, string Field, TimeSpan Offset, TimeOnly? At, string? Then) : PlainStep(Id, Then)
{
    public const string TypeName = "wait_until";

    /// <summary>Outcomes beside "next".</summary>
    public const string Missing = "missing";
    public const string Past = "past";

    public override string Type => TypeName;
}

/// <summary>Waits for something to happen to the message a step sent, no longer than a time counted from when that was sent.</summary>
/// <param name="LinkContains">Part of the URL that is clicked; "" for any.</param>
public sealed record WaitForStep(string Id, EventType Event, string MessageOf, string LinkContains, TimeSpan Timeout, string? OnEvent, string? OnTimeout)
    : JourneyStep(Id)
{
    public const string TypeName = "wait_for";
    public const string EventExit = "event";
    public const string TimeoutExit = "timeout";

    public override string Type => TypeName;
    public override IReadOnlyList<StepExit> Exits => [new(EventExit, OnEvent), new(TimeoutExit, OnTimeout)];

    public override JourneyStep WithExits(Func<StepExit, string?> elsewhere) =>
        this with { OnEvent = elsewhere(new StepExit(EventExit, OnEvent)), OnTimeout = elsewhere(new StepExit(TimeoutExit, OnTimeout)) };
}

/// <summary>Asks something of the person and parts ways.</summary>
/// <param name="Test">Null where nothing is chosen yet.</param>
public sealed record ConditionStep(string Id, JourneyTest? Test, string? Yes, string? No) : JourneyStep(Id)
{
    public const string TypeName = "condition";
    public const string YesExit = "yes";
    public const string NoExit = "no";

    public override string Type => TypeName;
    public override IReadOnlyList<StepExit> Exits => [new(YesExit, Yes), new(NoExit, No)];

    public override JourneyStep WithExits(Func<StepExit, string?> elsewhere) =>
        this with { Yes = elsewhere(new StepExit(YesExit, Yes)), No = elsewhere(new StepExit(NoExit, No)) };
}

/// <summary>Those whose score is below a bound, of the branches before it none.</summary>
/// <param name="Below">Of the shown score, above 0 and at most 100; rises from branch to branch.</param>
public sealed record ScoreBranch(string Key, double Below, string? Next);

/// <summary>Parts people by how engaged they are.</summary>
public sealed record BranchStep(string Id, IReadOnlyList<ScoreBranch> Branches, string? Otherwise) : JourneyStep(Id)
{
    public const string TypeName = "branch";
    public const string OtherwiseExit = "otherwise";

    public override string Type => TypeName;
    public override IReadOnlyList<StepExit> Exits => [.. Branches.Select(branch => new StepExit(branch.Key, branch.Next)), new(OtherwiseExit, Otherwise)];

    public override JourneyStep WithExits(Func<StepExit, string?> elsewhere) => this with
    {
        Branches = [.. Branches.Select(branch => branch with { Next = elsewhere(new StepExit(branch.Key, branch.Next)) })],
        Otherwise = elsewhere(new StepExit(OtherwiseExit, Otherwise)),
    };

    public bool Equals(BranchStep? other) => base.Equals(other) && Otherwise == other.Otherwise && Branches.SequenceEqual(other.Branches);
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Otherwise, Branches.Count);
}

/// <summary>A share of the people: its weight among the weights of all.</summary>
public sealed record SplitBranch(string Key, double Weight, string? Next);

/// <summary>Parts people by chance, each the same way however often it is asked.</summary>
public sealed record SplitStep(string Id, IReadOnlyList<SplitBranch> Branches) : JourneyStep(Id)
{
    public const string TypeName = "split";

    public override string Type => TypeName;
    public override IReadOnlyList<StepExit> Exits => [.. Branches.Select(branch => new StepExit(branch.Key, branch.Next))];

    public override JourneyStep WithExits(Func<StepExit, string?> elsewhere) =>
        this with { Branches = [.. Branches.Select(branch => branch with { Next = elsewhere(new StepExit(branch.Key, branch.Next)) })] };

    public bool Equals(SplitStep? other) => base.Equals(other) && Branches.SequenceEqual(other.Branches);
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Branches.Count);
}

/// <summary>Writes an attribute of the contact.</summary>
/// <param name="Value">A text, number or boolean; null takes the attribute away.</param>
public sealed record UpdateFieldStep(string Id, string Field, JsonValue? Value, string? Then) : PlainStep(Id, Then)
{
    public const string TypeName = "update_field";

    public override string Type => TypeName;

    public bool Equals(UpdateFieldStep? other) => base.Equals(other) && Field == other.Field && JsonNode.DeepEquals(Value, other.Value);
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Field);
}

/// <summary>Puts the contact on a list.</summary>
public sealed record AddToListStep(string Id, long ListId, string? Then) : PlainStep(Id, Then)
{
    public const string TypeName = "add_to_list";

    public override string Type => TypeName;
}

/// <summary>Takes the contact off a list.</summary>
public sealed record RemoveFromListStep(string Id, long ListId, string? Then) : PlainStep(Id, Then)
{
    public const string TypeName = "remove_from_list";

    public override string Type => TypeName;
}

/// <summary>Tells a server of ours or theirs that the person came here.</summary>
public sealed record WebhookStep(string Id, string Url, string? Then) : PlainStep(Id, Then)
{
    public const string TypeName = "webhook";

    public override string Type => TypeName;
}

/// <summary>The journey ends here.</summary>
public sealed record ExitStep(string Id) : JourneyStep(Id)
{
    public const string TypeName = "exit";

    public override string Type => TypeName;
    public override IReadOnlyList<StepExit> Exits => [];

    public override JourneyStep WithExits(Func<StepExit, string?> elsewhere) => this;
}
