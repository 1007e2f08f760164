using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace ScoreTracking.Shell;

/// <summary>
/// What lies in wwwroot-assets, read once at start (some 100 KB). A link names the file's content (<c>/app.css?v=…</c>),
/// so browsers may keep it for a year and still see a new version at once.
/// </summary>
public sealed class AssetFiles
{
    private readonly Dictionary<string, Asset> _assets = new(StringComparer.Ordinal);

    public AssetFiles()
    {
        var directory = Path.Combine(AppContext.BaseDirectory, "wwwroot-assets");
        var types = new FileExtensionContentTypeProvider();
        foreach (var file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(directory, file).Replace('\\', '/');
            var content = File.ReadAllBytes(file);
            var type = types.TryGetContentType(name, out var known) ? known : "application/octet-stream";
            _assets[name] = new Asset(content, Compress(content), type, Convert.ToHexStringLower(SHA256.HashData(content))[..12]);
        }
    }

    /// <summary>The address of a file, with its version. A name that does not exist is a mistake in a page.</summary>
    public string this[string name] => _assets.TryGetValue(name, out var asset)
        ? $"/{name}?v={asset.Version}"
        : throw new ArgumentException($"wwwroot-assets has no {name}.", nameof(name));

    /// <summary>One endpoint per file, open to everyone: the sign-in page needs them too.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (name, asset) in _assets)
        {
            routes.MapMethods($"/{name}", [HttpMethods.Get, HttpMethods.Head], (HttpContext context) => Answer(context, asset))
                .AllowAnonymous()
                .ExcludeFromDescription();
        }
    }

    private static FileContentHttpResult Answer(HttpContext context, Asset asset)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = context.Request.Query["v"] == asset.Version ? "public, max-age=31536000, immutable" : "no-cache";
        headers.Vary = "Accept-Encoding";
        headers.XContentTypeOptions = "nosniff";
        var brotli = asset.Compressed.Length < asset.Content.Length && context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.Ordinal);
        if (brotli)
        {
            headers.ContentEncoding = "br";
        }

        return TypedResults.Bytes(brotli ? asset.Compressed : asset.Content, asset.Type, entityTag: new EntityTagHeaderValue($"\"{asset.Version}{(brotli ? "b" : "")}\""));
    }

    private static byte[] Compress(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.Optimal))
        {
            brotli.Write(content);
        }

        return compressed.ToArray();
    }

    private sealed record Asset(byte[] Content, byte[] Compressed, string Type, string Version);
}
