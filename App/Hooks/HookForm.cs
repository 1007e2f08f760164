namespace ScoreTracking.Hooks;

/// <summary>A webhook as it is typed.</summary>
public sealed class HookForm
{
    public string Name { get; set; } = "";
    public string Url { get; set; } = "";
    public bool Machines { get; set; }
    public HashSet<string> Types { get; } = new(StringComparer.Ordinal);

    public static HookForm Of(HookAnswer hook)
    {
        var form = new HookForm { Name = hook.Name, Url = hook.Url, Machines = hook.IncludeMachines };
        form.Types.UnionWith(hook.EventTypes);
        return form;
    }

    public void Choose(string type, bool on)
    {
        _ = on ? Types.Add(type) : Types.Remove(type);
    }

    /// <param name="isNew">Then a name may be left out.</param>
    public HookBody Body(bool isNew) => new() { Name = isNew && Name.Trim().Length == 0 ? null : Name, Url = Url, EventTypes = [.. Types], IncludeMachines = Machines };
}
