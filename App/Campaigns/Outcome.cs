using Microsoft.AspNetCore.Http.HttpResults;
using ScoreTracking.Api;

namespace ScoreTracking.Campaigns;

/// <summary>Why something was not done, in words a person understands.</summary>
public abstract record Refusal
{
    /// <summary>There is no such thing.</summary>
    public sealed record Missing(string What) : Refusal;

    /// <summary>The state forbids it.</summary>
    public sealed record State(string Detail) : Refusal;

    /// <summary>It does not make sense: errors by the path of the field.</summary>
    public sealed record Faults(Dictionary<string, string[]> Errors) : Refusal
    {
        public Faults(string field, string error)
            : this(new Dictionary<string, string[]> { [field] = [error] })
        {
        }
    }

    /// <summary>The same as a sentence or two.</summary>
    public string Words => this switch
    {
        Missing missing => $"There is no such {missing.What}.",
        State state => state.Detail,
        Faults faults => string.Join(" ", faults.Errors.Select(error => $"{error.Key}: {string.Join(", ", error.Value)}.")),
        _ => "",
    };

    internal ProblemHttpResult ToProblem() => this switch
    {
        Missing missing => Problems.NotFound(missing.What),
        State state => Problems.Conflict(state.Detail),
        Faults faults => Problems.Invalid(faults.Errors),
        _ => throw new InvalidOperationException($"{GetType().Name} has no answer."),
    };
}

/// <summary>What was asked for, or why not.</summary>
public readonly record struct Outcome<T>
    where T : class
{
    private Outcome(T? value, Refusal? refused) => (Value, Refused) = (value, refused);

    /// <summary>Null exactly when refused.</summary>
    public T? Value { get; }
    public Refusal? Refused { get; }

#pragma warning disable CA2225 // The constructor is private: these conversions are how an outcome is made.
    public static implicit operator Outcome<T>(T value) => new(value, null);
    public static implicit operator Outcome<T>(Refusal refused) => new(null, refused);
#pragma warning restore CA2225
}
