namespace ScoreTracking.Journeys.Steps;

/// <summary>Writes an attribute of the contact.</summary>
internal sealed class UpdateFieldAction : IStepAction
{
    public bool Does(JourneyStep step) => step is UpdateFieldStep;

    public StepResult Act(ActingPerson person, JourneyStep step)
    {
        var update = (UpdateFieldStep)step;
        ContactFields.Write(person, update.Field, update.Value);
        return new StepResult.Go(JourneyStep.Next);
    }
}

/// <summary>Puts the contact on a list, or takes it off one.</summary>
internal sealed class ListAction : IStepAction
{
    public bool Does(JourneyStep step) => step is AddToListStep or RemoveFromListStep;

    public StepResult Act(ActingPerson person, JourneyStep step)
    {
        var (listId, isAdded) = step is AddToListStep add ? (add.ListId, true) : (((RemoveFromListStep)step).ListId, false);
        if (person.Commands.Command("SELECT 1 FROM lists WHERE id = $1", listId).ExecuteScalar() is null)
        {
            return new StepResult.Failed("The list was deleted.");
        }

        if (isAdded)
        {
            person.Commands.Command(
                "INSERT INTO list_members (list_id, contact_id, added_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", listId, person.ContactId, person.Now).ExecuteNonQuery();
        }
        else
        {
            person.Commands.Command("DELETE FROM list_members WHERE list_id = $1 AND contact_id = $2", listId, person.ContactId).ExecuteNonQuery();
        }

        return new StepResult.Go(JourneyStep.Next);
    }
}

/// <summary>The end.</summary>
internal sealed class ExitAction : IStepAction
{
    public const string Outcome = "exit";

    public bool Does(JourneyStep step) => step is ExitStep;

    public StepResult Act(ActingPerson person, JourneyStep step) => new StepResult.Go(Outcome);
}
