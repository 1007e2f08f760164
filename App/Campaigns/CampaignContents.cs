using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using ScoreTracking.Api;
using ScoreTracking.Data;
using ScoreTracking.Tracking;

namespace ScoreTracking.Campaigns;

/// <summary>The contents of running campaigns, compiled once. They are locked, so a compiled one never goes stale.</summary>
public sealed class CampaignContents : IDisposable
{
    /// <summary>Bytes of source text whose compiled form is kept.</summary>
    private const long CacheSize = 64 * 1024 * 1024;

    private readonly MemoryCache _compiled = new(new MemoryCacheOptions { SizeLimit = CacheSize });
    private readonly SemaphoreSlim _compiling = new(1);
    private readonly SqliteFile _file;
    private readonly IDbContextFactory<ScoreDb> _databases;
    private readonly IReadOnlyList<string> _ownHosts;

    public CampaignContents(SqliteFile file, IDbContextFactory<ScoreDb> databases, IOptions<ServerUrls> options)
    {
        _file = file;
        _databases = databases;
        _ownHosts = options.Value.OwnHosts();
    }

    /// <summary>Adds what is wrong with the contents of a campaign, by the path of its field: links that cannot be, merge fields and conditions.</summary>
    internal void Check(CampaignBody body, Dictionary<string, string[]> errors)
    {
        CheckHtml("content.html", body.Content?.Html);
        CheckText("content.subject", body.Content?.Subject);
        CheckText("content.preheader", body.Content?.Preheader);
        CheckText("content.text", body.Content?.Text);
        for (var factor = 0; factor < (body.AbTest?.Factors?.Count ?? 0); factor++)
        {
            if (body.AbTest!.Factors![factor] is not { Field: "html" or "subject" or "preheader", Levels: { } levels } tested)
            {
                continue;
            }

            for (var level = 0; level < levels.Count; level++)
            {
                var path = $"ab_test.factors[{factor}].levels[{level}].value";
                if (tested.Field == "html")
                {
                    CheckHtml(path, levels[level].Value);
                }
                else
                {
                    CheckText(path, levels[level].Value);
                }
            }
        }

        void CheckHtml(string path, string? html)
        {
            if (html is not null && TryCompile(html, new RewriteOptions(TrackOpens: true, TrackClicks: true, _ownHosts), "", out var error) is null)
            {
                errors[path] = [error];
            }
        }

        void CheckText(string path, string? text)
        {
            if (text is not null && TextTemplate.Compile(text).Fault is { } fault)
            {
                errors[path] = [fault];
            }
        }
    }

    /// <summary>Reads HTML as a start would, for somebody who is still writing it; null when it cannot be used.</summary>
    internal MailTemplate? TryRead(string html, string preheader, out string error) =>
        TryCompile(html, new RewriteOptions(TrackOpens: true, TrackClicks: true, _ownHosts), preheader, out error);

    /// <summary>Compiles what one caller brought for one recipient; null when it cannot be used.</summary>
    internal MailTemplate? TryCompileOwn(string html, CampaignContent content, out string error) =>
        TryCompile(html, new RewriteOptions(content.TrackOpens, content.TrackClicks, _ownHosts), "", out error);

    /// <summary>The content of a campaign whose content is locked.</summary>
    internal async Task<CampaignContent> GetAsync(long campaignId, CancellationToken cancellationToken)
    {
        if (_compiled.TryGetValue(campaignId, out CampaignContent? known))
        {
            return known!;
        }

        await _compiling.WaitAsync(cancellationToken);
        try
        {
            if (_compiled.TryGetValue(campaignId, out known))
            {
                return known!;
            }

            await using var db = await _databases.CreateDbContextAsync(cancellationToken);
            var campaign = await db.Campaigns.SingleAsync(c => c.Id == campaignId, cancellationToken);
            var variants = await db.Variants.Where(v => v.CampaignId == campaignId).OrderBy(v => v.Position).ToListAsync(cancellationToken);
            var content = Compile(campaign, variants);
            using var connection = _file.Open();
            CampaignLinks.Number(connection, transaction: null, campaignId, content.Documents);
            return _compiled.Set(campaignId, content, new MemoryCacheEntryOptions { Size = content.Size });
        }
        finally
        {
            _compiling.Release();
        }
    }

    /// <summary>Compiles a campaign's contents; their links have no ids yet.</summary>
    internal CampaignContent Compile(Campaign campaign, IReadOnlyList<Variant> variants) =>
        CampaignContent.Compile(campaign, variants, new RewriteOptions(campaign.TrackOpens, campaign.TrackClicks, _ownHosts));

    public void Dispose()
    {
        _compiled.Dispose();
        _compiling.Dispose();
    }

    private static MailTemplate? TryCompile(string html, RewriteOptions options, string preheader, out string error)
    {
        try
        {
            var template = MailTemplate.Compile(html, options, preheader);
            error = template.Fault ?? "";
            return template.Fault is null ? template : null;
        }
        catch (MailTemplateException refused)
        {
            error = refused.Message;
            return null;
        }
    }
}
