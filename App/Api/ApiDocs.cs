using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ScoreTracking.Api;

/// <summary>The API described by itself: /openapi/v1.json for programs, /docs for people.</summary>
public static class ApiDocs
{
    public const string Document = "v1";

    public static void AddApiDocs(this IServiceCollection services) => services.AddOpenApi(Document, options =>
    {
        options.ShouldInclude = description => description.RelativePath?.StartsWith("api/v1", StringComparison.Ordinal) == true;
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "ScoreTracking",
                Version = "v1",
                Description = "What happened to every email. JSON in snake_case, times in ISO 8601 UTC, ids with a prefix. Errors are problem+json with the fields at fault.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", Description = "An API key: Authorization: Bearer st_live_…" },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            // The scope a key needs is part of what a caller must know.
            var scopes = context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>()
                .Select(data => data.Policy).Where(policy => policy?.StartsWith("scope:", StringComparison.Ordinal) == true).Select(policy => policy!["scope:".Length..]).Distinct().ToList();
            if (scopes.Count > 0)
            {
                operation.Description = $"{operation.Description} Scope: {string.Join(", ", scopes)}.".TrimStart();
            }

            return Task.CompletedTask;
        });
    });

    public static void MapApiDocs(this IEndpointRouteBuilder routes) => routes.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
}
