using System.ComponentModel.DataAnnotations;

namespace ScoreTracking.Data;

/// <summary>Where everything this server keeps lies.</summary>
public sealed class StorageOptions
{
    /// <summary>Directory of the database, keys, imports, exports and backups. Relative to the current directory; never under the content root, where its writes would wake file watchers.</summary>
    [Required] public string DataDirectory { get; set; } = "data";

    public string PathOf(string name) => Path.Combine(Path.GetFullPath(DataDirectory), name);
}
