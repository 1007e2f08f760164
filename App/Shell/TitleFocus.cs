using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace ScoreTracking.Shell;

/// <summary>
/// A page reached from within gives its title the focus, so that keyboards and screen readers begin there. A page that was
/// loaded does not: it begins at its top by itself, and whoever already types keeps the field.
/// </summary>
public sealed class TitleFocus(IJSRuntime js) : ComponentBase
{
    private Type? _page;
    private bool _arrived;

    [Parameter, EditorRequired] public required Microsoft.AspNetCore.Components.RouteData Route { get; set; }

    protected override void OnParametersSet()
    {
        _arrived |= _page is not null && _page != Route.PageType;
        _page = Route.PageType;
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_arrived)
        {
            _arrived = false;
            await js.InvokeVoidAsync("scoreTracking.arrive");
        }
    }
}
