using System.Diagnostics.CodeAnalysis;

namespace ScoreTracking.Mail;

/// <summary>What an address of ours is for. Its token is signed for that use alone.</summary>
public enum VerpKind : byte
{
    /// <summary>The envelope sender of a message: whoever cannot deliver it answers here.</summary>
    Bounce = 1,

    /// <summary>The mailto half of List-Unsubscribe.</summary>
    Unsubscribe = 2,

    /// <summary>Reply-To.</summary>
    Reply = 3,
}

/// <summary>An address made for one message (variable envelope return path): "bounce+token@domain". Only the grammar; whether a token is ours, who signed it knows.</summary>
/// <param name="Token">Lower case: relays change the case of local parts, so a token must not depend on it.</param>
public sealed record VerpAddress(VerpKind Kind, string Token, string Domain)
{
    /// <summary>Shortest token taken for one: "b-smith@example.com" is a person.</summary>
    public const int MinToken = 20;

    /// <summary>Longest token: with "bounce+" in front, RFC 5321's 64 characters of a local part.</summary>
    public const int MaxToken = 57;

    /// <summary>The address, with "-" for mail servers that keep "+" for themselves.</summary>
    public string Address(char separator = '+') => $"{Name(Kind)}{separator}{Token}@{Domain}";

    public override string ToString() => Address();

    /// <exception cref="ArgumentException">The token is not <see cref="MinToken"/> to <see cref="MaxToken"/> ASCII letters and digits, or the domain is empty.</exception>
    public static VerpAddress Create(VerpKind kind, string token, string domain) =>
        !IsToken(token) ? throw new ArgumentException("A token is 20 to 57 ASCII letters and digits.", nameof(token))
        : string.IsNullOrWhiteSpace(domain) ? throw new ArgumentException("An address needs a domain.", nameof(domain))
        : new VerpAddress(kind, token.ToLowerInvariant(), domain.ToLowerInvariant());

    /// <summary>
    /// Reads "bounce+token", "b-token" and the same behind a mailbox, "acme+b-token", for those who have only one; also as BATV
    /// ("prvs=1234abcdef=bounce+token") and SRS leave it.
    /// </summary>
    public static bool TryParse(string? address, [NotNullWhen(true)] out VerpAddress? verp)
    {
        verp = null;
        var clean = Mailbox.Clean(address);
        if (clean is null)
        {
            return false;
        }

        var at = clean.LastIndexOf('@');
        var local = clean.AsSpan(0, at).Trim('"');
        local = local[(local.LastIndexOf('=') + 1)..];
        var separator = local.LastIndexOfAny('+', '-');
        if (separator < 1 || !IsToken(local[(separator + 1)..]))
        {
            return false;
        }

        var name = local[..separator];
        name = name[(name.LastIndexOfAny('+', '-') + 1)..];
        VerpKind? kind = name.ToString().ToLowerInvariant() switch
        {
            "bounce" or "bounces" or "b" => VerpKind.Bounce,
            "u" or "unsubscribe" => VerpKind.Unsubscribe,
            "r" or "reply" => VerpKind.Reply,
            _ => null,
        };
        if (kind is not { } known)
        {
            return false;
        }

        verp = new VerpAddress(known, local[(separator + 1)..].ToString().ToLowerInvariant(), clean[(at + 1)..].ToLowerInvariant());
        return true;
    }

    private static bool IsToken(ReadOnlySpan<char> text)
    {
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character))
            {
                return false;
            }
        }

        return text.Length is >= MinToken and <= MaxToken;
    }

    private static string Name(VerpKind kind) => kind switch
    {
        VerpKind.Bounce => "bounce",
        VerpKind.Unsubscribe => "u",
        VerpKind.Reply => "r",
    };
}
