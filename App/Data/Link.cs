using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace ScoreTracking.Data;

/// <summary>One link position in a content: the same URL twice is two links. Outlives its events, so that old mail keeps working.</summary>
public sealed class Link
{
    public long Id { get; set; }
    public long? CampaignId { get; set; }
    public long? MessageId { get; set; }

    /// <summary>The html level it stands in ("c1"), "" without a test, "own" where the caller brought the HTML.</summary>
    public required string Content { get; set; }

    /// <summary>Counts from 1 in document order.</summary>
    public int Position { get; set; }

    /// <summary>ASCII http(s) URL; may carry our merge fields, filled in when clicked.</summary>
    public required string Url { get; set; }

    /// <summary>The words or image text a reader sees.</summary>
    public required string Label { get; set; }
    public bool Disabled { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<Link>
    {
        public void Configure(EntityTypeBuilder<Link> link) => link.ToTable("links");
    }
}

/// <summary>Counted clicks of one message on one link.</summary>
public sealed class LinkClicks
{
    public long LinkId { get; set; }
    public long MessageId { get; set; }
    public int Clicks { get; set; }

    /// <summary>Unix milliseconds.</summary>
    public long FirstAt { get; set; }
    public long LastAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<LinkClicks>
    {
        public void Configure(EntityTypeBuilder<LinkClicks> clicks)
        {
            clicks.ToTable("link_clicks");
            clicks.HasKey(c => new { c.LinkId, c.MessageId });
        }
    }
}
