using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using ScoreTracking.Api;
using ScoreTracking.Auth;
using ScoreTracking.Data;

namespace ScoreTracking.Reports.Shares;

/// <param name="Status">open, expired or revoked.</param>
internal sealed record ShareAnswer(
    string Id, string CampaignId, string Status, bool HasPassword, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt, long Views, DateTimeOffset? LastViewedAt);

/// <summary>The only answer with the address itself.</summary>
internal sealed record CreatedShareAnswer(string Id, string Url, string CampaignId, bool HasPassword, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);

/// <param name="ExpiresAt">Null: in 30 days.</param>
/// <param name="Password">Null: whoever has the link may look.</param>
internal sealed record NewShare(string CampaignId, DateTimeOffset? ExpiresAt = null, string? Password = null);

/// <param name="Password">"" takes it away.</param>
internal sealed record ShareChange(DateTimeOffset? ExpiresAt = null, string? Password = null);

/// <summary>Share links over the API. Publishing figures is a marketer's right, so it takes the scope that changes campaigns.</summary>
internal static class ShareEndpoints
{
    private const string ListName = "shares";

    public static void Map(IEndpointRouteBuilder routes)
    {
        var shares = routes.MapGroup("/api/v1/shares").RequireScope(Scopes.CampaignsWrite).WithTags("Shares");
        shares.MapGet("", ListAsync).WithSummary("List share links, newest first");
        shares.MapPost("", CreateAsync).WithSummary("Share a campaign's figures by a link; its address is shown once");
        shares.MapGet("/{id}", GetAsync).WithSummary("Read a share link");
        shares.MapPatch("/{id}", ChangeAsync).WithSummary("Change a share link's end or password");
        shares.MapDelete("/{id}", RevokeAsync).WithSummary("Revoke a share link");
    }

    private static async Task<Results<Ok<Listing<ShareAnswer>>, ProblemHttpResult>> ListAsync(
        ShareLinks links, ScoreDb db, TimeProvider clock, CancellationToken cancellationToken, string? campaign_id = null, int? limit = null, string? cursor = null)
    {
        if (PageCursor.Check(limit) is { } problem)
        {
            return problem;
        }

        long? campaign = null;
        if (campaign_id is not null)
        {
            if (!PublicId.TryCampaign(campaign_id, out var id))
            {
                return Problems.Invalid("campaign_id", "not an id of this kind");
            }

            campaign = id;
        }

        if (!PageCursor.TryRead(ListName, cursor, parts: 1, out var before))
        {
            return Problems.BadRequest("cursor", "not a cursor of this list");
        }

        var size = limit ?? PageCursor.DefaultLimit;
        var shares = await links.ListAsync(db, campaign, before?[0], size + 1, cancellationToken);
        var next = shares.Count > size ? PageCursor.Write(ListName, shares[size - 1].Id) : null;
        return TypedResults.Ok(new Listing<ShareAnswer>([.. shares.Take(size).Select(share => Answer(share, clock))], next));
    }

    private static async Task<Results<Created<One<CreatedShareAnswer>>, ProblemHttpResult>> CreateAsync(
        NewShare wanted, ShareLinks links, IOptions<ServerUrls> urls, HttpContext context, CancellationToken cancellationToken)
    {
        if (!PublicId.TryCampaign(wanted.CampaignId, out var campaign))
        {
            return Problems.Invalid("campaign_id", "not an id of this kind");
        }

        var made = await links.CreateAsync(campaign, wanted.ExpiresAt, wanted.Password, userId: 0, cancellationToken);
        if (made.Share is not { } share)
        {
            return Refused(made, context);
        }

        var id = PublicId.Share(share.Id);
        return TypedResults.Created($"/api/v1/shares/{id}", Answers.Data(new CreatedShareAnswer(
            id, ShareGate.Address(urls.Value.PublicBase, made.Token!), wanted.CampaignId, share.HasPassword, share.CreatedAt, share.ExpiresAt)));
    }

    private static async Task<Results<Ok<One<ShareAnswer>>, ProblemHttpResult>> GetAsync(string id, ShareLinks links, TimeProvider clock, CancellationToken cancellationToken) =>
        PublicId.TryShare(id, out var share) && await links.FindAsync(share, cancellationToken) is { } found
            ? TypedResults.Ok(Answers.Data(Answer(found, clock)))
            : NoShare();

    private static async Task<Results<Ok<One<ShareAnswer>>, ProblemHttpResult>> ChangeAsync(
        string id, ShareChange change, ShareLinks links, TimeProvider clock, HttpContext context, CancellationToken cancellationToken) =>
        !PublicId.TryShare(id, out var share) || await links.ChangeAsync(share, change.ExpiresAt, change.Password, cancellationToken) is not { } changed ? NoShare()
        : changed.Share is { } now ? TypedResults.Ok(Answers.Data(Answer(now, clock)))
        : Refused(changed, context);

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeAsync(string id, ShareLinks links, CancellationToken cancellationToken) =>
        PublicId.TryShare(id, out var share) && await links.RevokeAsync(share, cancellationToken) ? TypedResults.NoContent() : NoShare();

    private static ProblemHttpResult Refused(ShareOutcome outcome, HttpContext context)
    {
        if (outcome.Errors is { } errors)
        {
            return Problems.Invalid(errors);
        }

        context.Response.Headers.RetryAfter = "5";
        return TypedResults.Problem(statusCode: 429, title: "Please retry", detail: "Too many passwords are being checked at once.");
    }

    private static ShareAnswer Answer(Share share, TimeProvider clock) => new(
        PublicId.Share(share.Id),
        PublicId.Campaign(share.CampaignId),
        share.RevokedAt > 0 ? "revoked" : share.IsOpenAt(clock.GetUtcNow()) ? "open" : "expired",
        share.HasPassword,
        share.CreatedAt,
        share.ExpiresAt,
        StoredTime.OrNull(share.RevokedAt),
        share.Views,
        StoredTime.OrNull(share.LastViewedAt));

    private static ProblemHttpResult NoShare() => Problems.NotFound("share link");
}
