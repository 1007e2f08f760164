namespace ScoreTracking.Events;

/// <summary>Why a message bounced. Hard: the address is dead. Soft: the recipient's side, temporary. Block: policy, reputation, content or size, which says nothing about the address.</summary>
public enum BounceKind : byte
{
    None = 0,
    Hard = 1,
    Soft = 2,
    Block = 3,
}

/// <summary>The spelling of each kind in the API and as a counter key.</summary>
public static class BounceKinds
{
    public static string Name(this BounceKind kind) => kind switch
    {
        BounceKind.None => "",
        BounceKind.Hard => "hard",
        BounceKind.Soft => "soft",
        BounceKind.Block => "block",
    };

    public static bool TryParse(string? name, out BounceKind kind)
    {
        kind = name switch { "hard" => BounceKind.Hard, "soft" => BounceKind.Soft, "block" => BounceKind.Block, _ => BounceKind.None };
        return kind != BounceKind.None;
    }
}
