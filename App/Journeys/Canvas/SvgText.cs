using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace ScoreTracking.Journeys.Canvas;

/// <summary>Words in a drawing. A component, because in Razor the element's name means something else.</summary>
public sealed class SvgText : ComponentBase
{
    [Parameter, EditorRequired] public required double X { get; set; }

    /// <summary>The line the letters stand on.</summary>
    [Parameter, EditorRequired] public required double Y { get; set; }

    [Parameter, EditorRequired] public required string Text { get; set; }

    [Parameter] public string? Class { get; set; }

    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        builder.OpenElement(0, "text");
        builder.AddAttribute(1, "class", Class);
        builder.AddAttribute(2, "x", CanvasBox.Number(X));
        builder.AddAttribute(3, "y", CanvasBox.Number(Y));
        builder.AddContent(4, Text);
        builder.CloseElement();
    }
}
