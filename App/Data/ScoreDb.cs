using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace ScoreTracking.Data;

/// <summary>The schema, for all reads and admin writes. Events are written through <see cref="WriteConnection"/> instead.</summary>
public sealed partial class ScoreDb(DbContextOptions<ScoreDb> options) : IdentityUserContext<User, long>(options)
{
    public DbSet<Organization> Organization => Set<Organization>();
    public DbSet<Campaign> Campaigns => Set<Campaign>();
    public DbSet<Variant> Variants => Set<Variant>();
    public DbSet<Contact> Contacts => Set<Contact>();
    public DbSet<SingleMail> Mails => Set<SingleMail>();
    public DbSet<ContactState> ContactStates => Set<ContactState>();
    public DbSet<ScoreWeights> ScoreWeights => Set<ScoreWeights>();
    public DbSet<NextRank> NextRanks => Set<NextRank>();
    public DbSet<Message> Messages => Set<Message>();
    public DbSet<MessageState> MessageStates => Set<MessageState>();
    public DbSet<ActivityBlock> ActivityBlocks => Set<ActivityBlock>();
    public DbSet<Link> Links => Set<Link>();
    public DbSet<LinkClicks> LinkClicks => Set<LinkClicks>();
    public DbSet<EventRow> Events => Set<EventRow>();
    public DbSet<Burst> Bursts => Set<Burst>();
    public DbSet<UserAgent> UserAgents => Set<UserAgent>();
    public DbSet<PlaceRow> Places => Set<PlaceRow>();
    public DbSet<ClientRow> Clients => Set<ClientRow>();
    public DbSet<EventKey> EventKeys => Set<EventKey>();
    public DbSet<UnmatchedEvent> UnmatchedEvents => Set<UnmatchedEvent>();
    public DbSet<AnonymousHits> AnonymousHits => Set<AnonymousHits>();
    public DbSet<Counter> Counters => Set<Counter>();
    public DbSet<BuiltDimension> BuiltDimensions => Set<BuiltDimension>();
    public DbSet<Suppression> Suppressions => Set<Suppression>();
    public DbSet<ErasedPerson> ErasedPeople => Set<ErasedPerson>();
    public DbSet<Erasure> Erasures => Set<Erasure>();
    public DbSet<SuppressionGroundRow> SuppressionGrounds => Set<SuppressionGroundRow>();
    public DbSet<SuppressionLiftRow> SuppressionLifts => Set<SuppressionLiftRow>();
    public DbSet<Cursor> Cursors => Set<Cursor>();
    public DbSet<Job> Jobs => Set<Job>();
    public DbSet<JobError> JobErrors => Set<JobError>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<Share> Shares => Set<Share>();
    public DbSet<Connection> Connections => Set<Connection>();
    public DbSet<Delivery> Deliveries => Set<Delivery>();
    public DbSet<MailContent> MailContents => Set<MailContent>();
    public DbSet<SendingDomain> SendingDomains => Set<SendingDomain>();
    public DbSet<DkimKeyRow> DkimKeys => Set<DkimKeyRow>();
    public DbSet<CampaignBrake> CampaignBrakes => Set<CampaignBrake>();
    public DbSet<ReceivedEvent> ReceivedEvents => Set<ReceivedEvent>();
    public DbSet<WebhookToken> WebhookTokens => Set<WebhookToken>();
    public DbSet<Notification> Notifications => Set<Notification>();
    public DbSet<NotificationReader> NotificationReaders => Set<NotificationReader>();
    public DbSet<NotificationPreference> NotificationPreferences => Set<NotificationPreference>();
    public DbSet<Hook> Hooks => Set<Hook>();
    public DbSet<HookDelivery> HookDeliveries => Set<HookDelivery>();
    public DbSet<Segment> Segments => Set<Segment>();
    public DbSet<ContactList> Lists => Set<ContactList>();
    public DbSet<ListMember> ListMembers => Set<ListMember>();
    public DbSet<Journey> Journeys => Set<Journey>();
    public DbSet<JourneyVersion> JourneyVersions => Set<JourneyVersion>();
    public DbSet<Enrollment> Enrollments => Set<Enrollment>();
    public DbSet<EnrollmentStep> EnrollmentSteps => Set<EnrollmentStep>();
    public DbSet<JourneyCount> JourneyCounts => Set<JourneyCount>();
    public DbSet<JourneyArrival> JourneyArrivals => Set<JourneyArrival>();
    public DbSet<JourneyList> JourneyLists => Set<JourneyList>();
    public DbSet<JourneySegment> JourneySegments => Set<JourneySegment>();
    public DbSet<ContactNews> ContactNews => Set<ContactNews>();
    public DbSet<CampaignTurn> CampaignTurns => Set<CampaignTurn>();
    public DbSet<SegmentWatch> SegmentWatches => Set<SegmentWatch>();
    public DbSet<StepCall> StepCalls => Set<StepCall>();
    public DbSet<IdempotencyKey> IdempotencyKeys => Set<IdempotencyKey>();

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UnixMilliseconds>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.Entity<IdentityUserClaim<long>>().ToTable("user_claims");
        builder.Entity<IdentityUserLogin<long>>().ToTable("user_logins");
        builder.Entity<IdentityUserToken<long>>().ToTable("user_tokens");
        builder.ApplyConfigurationsFromAssembly(typeof(ScoreDb).Assembly);

        foreach (var property in builder.Model.GetEntityTypes().SelectMany(type => type.GetProperties()))
        {
            if (property.GetColumnName() == property.Name)
            {
                property.SetColumnName(SnakeCase(property.Name));
            }
        }
    }

    private static string SnakeCase(string name) => WordStart().Replace(name, "_$1").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z0-9])([A-Z])")]
    private static partial Regex WordStart();
}
