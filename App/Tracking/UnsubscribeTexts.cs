namespace ScoreTracking.Tracking;

/// <summary>What the unsubscribe page says, in one language. All of it is ours and plain text.</summary>
internal sealed record UnsubscribeTexts(string Language)
{
    public required string Ask { get; init; }
    public required string NoMoreMail { get; init; }
    public required string Unsubscribe { get; init; }
    public required string Done { get; init; }
    public required string Retry { get; init; }
    public required string RetryWhy { get; init; }
    public required string Saved { get; init; }
    public required string Topics { get; init; }
    public required string SaveTopics { get; init; }
    public required string Tracking { get; init; }
    public required string Tracked { get; init; }

    /// <summary>Instead of <see cref="Tracked"/> where nobody is tracked by name.</summary>
    public required string Counted { get; init; }
    public required string NotTracked { get; init; }
    public required string Refuse { get; init; }
    public required string Allow { get; init; }

    public static UnsubscribeTexts English { get; } = new("en")
    {
        Ask = "Unsubscribe?",
        NoMoreMail = "You will get no more mail from this sender at this address.",
        Unsubscribe = "Unsubscribe",
        Done = "You are unsubscribed",
        Retry = "Please try again",
        RetryWhy = "Your request could not be saved just now. Meanwhile we hold back mail to you and keep trying. To be sure, press the button again in a minute.",
        Saved = "Your choice is saved.",
        Topics = "Or choose what you get",
        SaveTopics = "Save choice",
        Tracking = "Tracking",
        Tracked = "This sender sees whether you open its mail and which links you use.",
        Counted = "Opens and clicks are counted without keeping whose they are.",
        NotTracked = "This sender does not see whether you open its mail or which links you use.",
        Refuse = "Do not track me",
        Allow = "Allow tracking",
    };

    public static UnsubscribeTexts German { get; } = new("de")
    {
        Ask = "Abmelden?",
        NoMoreMail = "Sie erhalten an diese Adresse keine weiteren E-Mails von diesem Absender.",
        Unsubscribe = "Abmelden",
        Done = "Sie sind abgemeldet",
        Retry = "Bitte versuchen Sie es noch einmal",
        RetryWhy = "Ihre Anfrage konnte gerade nicht gespeichert werden. Bis dahin halten wir E-Mails an Sie zurück und versuchen es weiter. Drücken Sie zur Sicherheit in einer Minute noch einmal auf die Schaltfläche.",
        Saved = "Ihre Auswahl ist gespeichert.",
        Topics = "Oder wählen Sie, was Sie erhalten möchten",
        SaveTopics = "Auswahl speichern",
        Tracking = "Tracking",
        Tracked = "Dieser Absender sieht, ob Sie seine E-Mails öffnen und welche Links Sie nutzen.",
        Counted = "Öffnungen und Klicks werden gezählt, ohne festzuhalten, von wem sie sind.",
        NotTracked = "Dieser Absender sieht nicht, ob Sie seine E-Mails öffnen oder welche Links Sie nutzen.",
        Refuse = "Tracking ablehnen",
        Allow = "Tracking erlauben",
    };

    public static UnsubscribeTexts French { get; } = new("fr")
    {
        Ask = "Se désabonner ?",
        NoMoreMail = "Vous ne recevrez plus d’e-mails de cet expéditeur à cette adresse.",
        Unsubscribe = "Se désabonner",
        Done = "Votre désabonnement est enregistré",
        Retry = "Veuillez réessayer",
        RetryWhy = "Votre demande n’a pas pu être enregistrée. En attendant, nous retenons les e-mails qui vous sont destinés et continuons d’essayer. Par précaution, appuyez de nouveau sur le bouton dans une minute.",
        Saved = "Votre choix est enregistré.",
        Topics = "Ou choisissez ce que vous recevez",
        SaveTopics = "Enregistrer le choix",
        Tracking = "Suivi",
        Tracked = "Cet expéditeur voit si vous ouvrez ses e-mails et quels liens vous utilisez.",
        Counted = "Les ouvertures et les clics sont comptés, sans conserver de qui ils viennent.",
        NotTracked = "Cet expéditeur ne voit pas si vous ouvrez ses e-mails ni quels liens vous utilisez.",
        Refuse = "Refuser le suivi",
        Allow = "Autoriser le suivi",
    };

    public static UnsubscribeTexts Spanish { get; } = new("es")
    {
        Ask = "¿Darse de baja?",
        NoMoreMail = "No recibirá más correos de este remitente en esta dirección.",
        Unsubscribe = "Darse de baja",
        Done = "Se ha dado de baja",
        Retry = "Inténtelo de nuevo",
        RetryWhy = "Su solicitud no se ha podido guardar en este momento. Mientras tanto retenemos los correos dirigidos a usted y seguimos intentándolo. Para mayor seguridad, pulse el botón otra vez dentro de un minuto.",
        Saved = "Su elección se ha guardado.",
        Topics = "O elija lo que quiere recibir",
        SaveTopics = "Guardar la selección",
        Tracking = "Seguimiento",
        Tracked = "Este remitente ve si abre sus correos y qué enlaces utiliza.",
        Counted = "Las aperturas y los clics se cuentan sin guardar de quién son.",
        NotTracked = "Este remitente no ve si abre sus correos ni qué enlaces utiliza.",
        Refuse = "Rechazar el seguimiento",
        Allow = "Permitir el seguimiento",
    };

    public static UnsubscribeTexts Italian { get; } = new("it")
    {
        Ask = "Annullare l’iscrizione?",
        NoMoreMail = "Non riceverà più e-mail da questo mittente a questo indirizzo.",
        Unsubscribe = "Annulla l’iscrizione",
        Done = "La sua iscrizione è annullata",
        Retry = "Riprovi",
        RetryWhy = "Al momento la richiesta non può essere salvata. Nel frattempo tratteniamo le e-mail a lei destinate e continuiamo a provare. Per sicurezza, prema di nuovo il pulsante tra un minuto.",
        Saved = "La sua scelta è salvata.",
        Topics = "Oppure scelga che cosa ricevere",
        SaveTopics = "Salva la scelta",
        Tracking = "Tracciamento",
        Tracked = "Questo mittente vede se apre le sue e-mail e quali link utilizza.",
        Counted = "Aperture e clic vengono contati senza conservare di chi sono.",
        NotTracked = "Questo mittente non vede se apre le sue e-mail né quali link utilizza.",
        Refuse = "Rifiuta il tracciamento",
        Allow = "Consenti il tracciamento",
    };

    public static UnsubscribeTexts Portuguese { get; } = new("pt")
    {
        Ask = "Cancelar a subscrição?",
        NoMoreMail = "Não receberá mais e-mails deste remetente neste endereço.",
        Unsubscribe = "Cancelar a subscrição",
        Done = "A sua subscrição foi cancelada",
        Retry = "Tente novamente",
        RetryWhy = "Não foi possível guardar o seu pedido agora. Entretanto retemos os e-mails que lhe são dirigidos e continuamos a tentar. Por segurança, prima o botão novamente dentro de um minuto.",
        Saved = "A sua escolha foi guardada.",
        Topics = "Ou escolha o que quer receber",
        SaveTopics = "Guardar a escolha",
        Tracking = "Rastreamento",
        Tracked = "Este remetente vê se os e-mails que lhe envia são abertos e que links utiliza.",
        Counted = "As aberturas e os cliques são contados sem guardar de quem são.",
        NotTracked = "Este remetente não vê se os e-mails que lhe envia são abertos nem que links utiliza.",
        Refuse = "Recusar o rastreamento",
        Allow = "Permitir o rastreamento",
    };

    public static UnsubscribeTexts Dutch { get; } = new("nl")
    {
        Ask = "Uitschrijven?",
        NoMoreMail = "U ontvangt op dit adres geen e-mails meer van deze afzender.",
        Unsubscribe = "Uitschrijven",
        Done = "U bent uitgeschreven",
        Retry = "Probeer het opnieuw",
        RetryWhy = "Uw verzoek kon zojuist niet worden opgeslagen. Intussen houden we e-mails aan u tegen en blijven we het proberen. Druk voor de zekerheid over een minuut nogmaals op de knop.",
        Saved = "Uw keuze is opgeslagen.",
        Topics = "Of kies wat u ontvangt",
        SaveTopics = "Keuze opslaan",
        Tracking = "Tracking",
        Tracked = "Deze afzender ziet of u zijn e-mails opent en welke links u gebruikt.",
        Counted = "Geopende e-mails en kliks worden geteld zonder te bewaren van wie ze zijn.",
        NotTracked = "Deze afzender ziet niet of u zijn e-mails opent of welke links u gebruikt.",
        Refuse = "Tracking weigeren",
        Allow = "Tracking toestaan",
    };

    public static UnsubscribeTexts Polish { get; } = new("pl")
    {
        Ask = "Wypisać się?",
        NoMoreMail = "Na ten adres nie przyjdą już żadne wiadomości od tego nadawcy.",
        Unsubscribe = "Wypisz mnie",
        Done = "Subskrypcja została anulowana",
        Retry = "Spróbuj ponownie",
        RetryWhy = "Nie udało się teraz zapisać żądania. Do tego czasu wstrzymujemy wiadomości i próbujemy dalej. Dla pewności naciśnij przycisk jeszcze raz za minutę.",
        Saved = "Wybór został zapisany.",
        Topics = "Albo wybierz, co chcesz otrzymywać",
        SaveTopics = "Zapisz wybór",
        Tracking = "Śledzenie",
        Tracked = "Ten nadawca widzi, czy otwierasz jego wiadomości i których linków używasz.",
        Counted = "Otwarcia i kliknięcia są liczone bez zapisywania, czyje są.",
        NotTracked = "Ten nadawca nie widzi, czy otwierasz jego wiadomości ani których linków używasz.",
        Refuse = "Nie zgadzam się na śledzenie",
        Allow = "Zezwól na śledzenie",
    };

    public static IReadOnlyList<UnsubscribeTexts> All { get; } = [English, German, French, Spanish, Italian, Portuguese, Dutch, Polish];
}
