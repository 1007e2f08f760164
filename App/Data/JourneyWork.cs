using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>A person who is to begin a journey: noted with the reason, begun by the one who moves people.</summary>
public sealed class JourneyArrival
{
    public long Id { get; set; }
    public long JourneyId { get; set; }
    public long ContactId { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<JourneyArrival>
    {
        public void Configure(EntityTypeBuilder<JourneyArrival> arrival) => arrival.ToTable("journey_arrivals");
    }
}

/// <summary>A list that a journey now published begins with.</summary>
public sealed class JourneyList
{
    public long ListId { get; set; }
    public long JourneyId { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<JourneyList>
    {
        public void Configure(EntityTypeBuilder<JourneyList> list)
        {
            list.ToTable("journey_lists");
            list.HasKey(l => new { l.ListId, l.JourneyId });
        }
    }
}

/// <summary>A segment that a journey now published begins with.</summary>
public sealed class JourneySegment
{
    public long JourneyId { get; set; }
    public long SegmentId { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<JourneySegment>
    {
        public void Configure(EntityTypeBuilder<JourneySegment> segment)
        {
            segment.ToTable("journey_segments");
            segment.HasKey(s => s.JourneyId);
            segment.Property(s => s.JourneyId).ValueGeneratedNever();
        }
    }
}

/// <summary>A person who may have joined or left such a segment since they were last looked at.</summary>
public sealed class ContactNews
{
    public long ContactId { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ContactNews>
    {
        public void Configure(EntityTypeBuilder<ContactNews> news)
        {
            news.ToTable("contact_news");
            news.HasKey(n => n.ContactId);
            news.Property(n => n.ContactId).ValueGeneratedNever();
        }
    }
}

/// <summary>A campaign that journeys send and that goes on, or is over: whoever waits at it is looked at at once.</summary>
public sealed class CampaignTurn
{
    public long Id { get; set; }
    public long CampaignId { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<CampaignTurn>
    {
        public void Configure(EntityTypeBuilder<CampaignTurn> turn) => turn.ToTable("campaign_turns");
    }
}
