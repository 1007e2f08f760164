using ScoreTracking.Components;
using ScoreTracking.Data;

namespace ScoreTracking.Domains;

/// <summary>How a domain, a key and a finding stand, in words.</summary>
public static class DomainWords
{
    public const string List = "/sending-domains";

    public static string Address(string publicId) => $"{List}/{publicId}";

    /// <summary>The worst of what was found.</summary>
    public static (string Text, Tone Tone) Of(DomainAnswer domain)
    {
        bool Has(string verdict) => domain.Findings.Any(finding => finding.Verdict == verdict);
        return domain.CheckedAt is null ? ("Not checked yet", Tone.Neutral)
            : Has(Verdicts.Bad) ? ("Needs work", Tone.Bad)
            : Has(Verdicts.Unknown) ? ("DNS did not answer", Tone.Neutral)
            : Has(Verdicts.Warning) ? ("Could be better", Tone.Warning)
            : ("Good", Tone.Good);
    }

    public static (string Text, Tone Tone) Of(KeyAnswer key) => key.Status switch
    {
        DkimKeyStatus.Signing => ("Signing", Tone.Good),
        DkimKeyStatus.Waiting => ("Waiting for its record", Tone.Warning),
        _ => ("Resting", Tone.Neutral),
    };

    public static (string Text, Tone Tone) Of(Finding finding) => finding.Verdict switch
    {
        Verdicts.Good => ("Good", Tone.Good),
        Verdicts.Warning => ("Could be better", Tone.Warning),
        Verdicts.Bad => ("Needs work", Tone.Bad),
        _ => ("No answer", Tone.Neutral),
    };

    public static string Title(Finding finding) => finding.Check switch
    {
        "spf" => "SPF",
        "dkim" => finding.Name.Contains("._domainkey.", StringComparison.Ordinal) ? $"DKIM, {finding.Name.Split("._domainkey.")[0]}" : "DKIM",
        "dmarc" => "DMARC",
        "mx" => "Answers",
        "bounces" => "Bounces",
        _ => "Links and pixels",
    };
}
