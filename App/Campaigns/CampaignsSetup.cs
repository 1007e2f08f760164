using Microsoft.AspNetCore.Mvc;
using ScoreTracking.Delivery;

namespace ScoreTracking.Campaigns;

public static class CampaignsSetup
{
    /// <summary>Largest request, in bytes: a newsletter of 5 MB with its JSON escapes. Above the API's usual 1 MB.</summary>
    private const int MaxBody = 8 * 1024 * 1024;

    public static void AddCampaigns(this IServiceCollection services)
    {
        services.AddSingleton<CampaignLocks>();
        services.AddSingleton<CampaignContents>();
        services.AddSingleton<CampaignEdits>();
        services.AddSingleton<CampaignRemoval>();
        services.AddSingleton<SendingConnections>();
        services.AddSingleton<CampaignStart>();
        services.AddSingleton<CampaignControl>();
        services.AddSingleton<OngoingCampaigns>();
        services.AddSingleton<PreviewContacts>();
        services.AddSingleton<TestMails>();
        services.AddSingleton<IMailSource, CampaignMails>();
        services.AddHostedService<ScheduledStarts>();
        services.AddSingleton<TestPhases>();
        services.AddHostedService(provider => provider.GetRequiredService<TestPhases>());
        services.AddSingleton<WinnerChoice>();
        services.AddSingleton<Resend>();
        services.AddSingleton<MailRenderer>();
        services.AddSingleton<ContentPreviews>();
        services.AddSingleton<Instrumentation>();
        services.AddSingleton<RecipientEntry>();
        services.AddSingleton<MadeCopies>();
        services.AddSingleton<RecipientImport>();
        services.AddHostedService(provider => provider.GetRequiredService<RecipientImport>());
        services.AddSingleton<AudienceEstimate>();
        services.AddSingleton<AudienceImport>();
        services.AddHostedService(provider => provider.GetRequiredService<AudienceImport>());
        services.AddSingleton<RecipientsByHand>();
        services.AddSingleton<SendCheckQuery>();
        services.AddHostedService<RateBrake>();
    }

    public static void MapCampaigns(this IEndpointRouteBuilder routes)
    {
        var campaigns = routes.MapGroup("/api/v1/campaigns").WithTags("Campaigns").WithBodyLimit(MaxBody);
        campaigns.MapCampaignEdits();
        campaigns.MapSending();
        campaigns.MapRecipients();
        campaigns.MapInstrument();
        campaigns.MapTests();
        campaigns.MapSendCheck();
        routes.MapJobs();
        routes.MapImportErrors();
        ContentPreviews.Map(routes);
    }

    /// <summary>Largest request body, in bytes; a larger one is answered with 413.</summary>
    internal static TBuilder WithBodyLimit<TBuilder>(this TBuilder builder, long bytes)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new RequestSizeLimitAttribute(bytes));
}
