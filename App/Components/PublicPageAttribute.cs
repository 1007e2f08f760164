namespace ScoreTracking.Components;

/// <summary>On pages for people who do not sign in here: they are plain documents, and Blazor's script is left out of them.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PublicPageAttribute : Attribute;
