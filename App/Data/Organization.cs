using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>The one organization of this server: a single row.</summary>
public sealed class Organization
{
    public long Id { get; set; } = 1;
    public required string Name { get; set; }

    /// <summary>IANA zone reports are shown in; may change at any time, since counters are kept in UTC quarter hours.</summary>
    public required string TimeZone { get; set; }

    /// <summary>Addresses and networks whose hits are our own, one a line.</summary>
    public string IgnoredNetworks { get; set; } = "";

    /// <summary>Whether campaigns that start from now on carry a link no reader sees.</summary>
    public bool Honeypot { get; set; }

    /// <summary>Soft bounces of messages in a row after which an address is suppressed.</summary>
    public int SoftBounceLimit { get; set; } = 5;

    /// <summary>The limit the suppression list is by; another one than <see cref="SoftBounceLimit"/> until all streaks were looked at again.</summary>
    public int SettledSoftBounceLimit { get; set; } = 5;

    /// <summary>individual, aggregate or off.</summary>
    public string TrackingMode { get; set; } = "individual";

    /// <summary>granted or denied: what someone who never answered counts as.</summary>
    public string UnknownConsent { get; set; } = "granted";

    /// <summary>Why no mail at all is handed off until an administrator agrees, as a sentence; empty where it is.</summary>
    public string SendingHeld { get; set; } = "";

    /// <summary>Complaints in percent of a campaign's mail from which on it pauses by itself; 0: never.</summary>
    public double PauseComplaints { get; set; } = 0.3;

    /// <summary>Messages below which that percentage says nothing.</summary>
    public int PauseComplaintsAfter { get; set; } = 500;

    /// <summary>Hard bounces in percent of a campaign's mail from which on it pauses by itself; 0: never.</summary>
    public double PauseHardBounces { get; set; } = 5;

    /// <summary>Messages below which that percentage says nothing.</summary>
    public int PauseHardBouncesAfter { get; set; } = 200;

    internal sealed class Configuration : IEntityTypeConfiguration<Organization>
    {
        public void Configure(EntityTypeBuilder<Organization> organization)
        {
            organization.ToTable("organization");
            organization.Property(o => o.Id).ValueGeneratedNever();
        }
    }
}
