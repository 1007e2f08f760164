using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ScoreTracking.Segments;

namespace ScoreTracking.Journeys.Steps;

/// <summary>Asks something of the person.</summary>
internal sealed class ConditionAction : IStepAction
{
    public bool Does(JourneyStep step) => step is ConditionStep;

    public StepResult Act(ActingPerson person, JourneyStep step)
    {
        switch (((ConditionStep)step).Test)
        {
            case JourneyTest.OfMessage test:
                var message = new EnrollmentSql(person.Commands).MessageOf(person.EnrollmentId, test.MessageOf);
                return Answer(message != 0 && new JourneyEvents(person.Commands).FirstOf(message, test.Type, "", person.Settled) is not null);
            case JourneyTest.OfRule test:
                return Answer(person.Rules.Has(test.Rule, person.ContactId, person.Now));
            case JourneyTest.InSegment test:
                return person.Rules.Find(test.SegmentId) is { } rule
                    ? Answer(person.Rules.Has(rule, person.ContactId, person.Now))
                    : new StepResult.Failed("The segment was deleted.");
            default:
                return new StepResult.Failed("The condition asks nothing.");
        }
    }

    private static StepResult.Go Answer(bool holds) => new(holds ? ConditionStep.YesExit : ConditionStep.NoExit);
}

/// <summary>Parts people by how engaged they are.</summary>
internal sealed class BranchAction : IStepAction
{
    public bool Does(JourneyStep step) => step is BranchStep;

    public StepResult Act(ActingPerson person, JourneyStep step)
    {
        var score = person.Rules.ScoreOf(person.ContactId, person.Now);
        var branch = ((BranchStep)step).Branches.FirstOrDefault(one => score < one.Below);
        return new StepResult.Go(branch?.Key ?? BranchStep.OtherwiseExit, Detail: string.Create(CultureInfo.InvariantCulture, $"score {score:0.#}"));
    }
}

/// <summary>Parts people by chance: a hash of who they are decides, so that asking twice gives the same answer.</summary>
internal sealed class SplitAction : IStepAction
{
    public bool Does(JourneyStep step) => step is SplitStep;

    public StepResult Act(ActingPerson person, JourneyStep step) => new StepResult.Go(KeyFor((SplitStep)step, person.EnrollmentId));

    internal static string KeyFor(SplitStep split, long enrollmentId)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{enrollmentId}:{split.Id}")));
        var left = BinaryPrimitives.ReadUInt64BigEndian(hash) / Math.Pow(2, 64) * split.Branches.Sum(branch => branch.Weight);
        foreach (var branch in split.Branches)
        {
            left -= branch.Weight;
            if (left < 0)
            {
                return branch.Key;
            }
        }

        return split.Branches[^1].Key;
    }
}
