namespace ScoreTracking.Auth;

/// <summary>
/// Passwords guessed first. Lists of leaked passwords hold hardly any of twelve characters or more; what people choose
/// when made to is a well-known word padded with digits, signs or itself. So this keeps the words and looks through the padding.
/// </summary>
internal static class CommonPasswords
{
    private static readonly HashSet<string> Words = new(
        """
        password passwort motdepasse contrasena contrasenha senha wachtwoord haslo parola parool losenord salasana
        pass passw passwd pwd word secret geheim default changeme changeit change letmein letme login logon signin
        welcome welkom willkommen bienvenue bienvenido hello hallo hola bonjour iloveyou loveyou love lovely sunshine princess
        qwerty qwertz azerty qwer qwert asdf asdfg asdfgh asdfghjkl zxcv zxcvb zxcvbn zxcvbnm qwertyuiop qwertyuio yxcvbnm
        qaz wsx edc rfv qazwsx qazwsxedc wsxedc zaqwsx zaqwsxcde zaqxsw zaqxswcde qwe asd zxc qweasd qweasdzxc asdzxc
        abc abcd abcde abcdef abcdefg abcdefgh abcdefghi abcdefghij abcdefghijk abcdefghijkl abcdefghijklm alphabet
        admin administrator administrador root toor superuser super sysadmin system server user guest test tester testing temp temporary demo
        master monkey dragon shadow killer football baseball basketball hockey soccer superman batman spiderman starwars pokemon
        trustno one trustnoone whatever nothing freedom computer internet security secure office company business
        summer winter spring autumn sommer herbst fruehling january february march april may june july august september october november december
        monday tuesday wednesday thursday friday saturday sunday
        michael jennifer jessica daniel charlie thomas andrew jordan hunter george robert ashley amanda nicole joshua matthew
        google facebook amazon microsoft apple windows linux samsung android gmail yahoo outlook
        newsletter email emails mail mailer marketing campaign campaigns sendgrid mailgun postmark tracking score scoretracking
        mypassword thepassword newpassword oldpassword
        access blink fuckyou fuckoff cheese banana chocolate cookie flower angel angels babygirl baby family friend friends forever
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
        StringComparer.Ordinal);

    /// <summary>Whether little remains once case, look-alike digits, repetition and padding are taken away.</summary>
    public static bool Contains(string password)
    {
        var lower = password.ToLowerInvariant();
        return lower.Distinct().Count() < 5 || IsRun(lower) || IsRepeatedWord(Letters(lower)) || IsRepeatedWord(Letters(Unmask(WithoutPadding(lower))));
    }

    // "a" to "l", "1" to "0" and back: every step the same, or nearly.
    private static bool IsRun(string text) =>
        text.Zip(text[1..], (a, b) => b - a is 1 or -1 or 0 or 9 or -9).Count(step => step) >= text.Length - 2;

    // One word, or the same one again and again. Two different words are somebody's own idea.
    private static bool IsRepeatedWord(string letters)
    {
        for (var length = 3; length <= letters.Length; length++)
        {
            if (letters.Length % length == 0 && Words.Contains(letters[..length]) && Repeats(letters, length))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Repeats(string text, int length)
    {
        for (var at = length; at < text.Length; at++)
        {
            if (text[at] != text[at - length])
            {
                return false;
            }
        }

        return true;
    }

    private static string WithoutPadding(string text)
    {
        var start = text.TakeWhile(character => !char.IsLetter(character)).Count();
        var end = text.Reverse().TakeWhile(character => !char.IsLetter(character)).Count();
        return start + end < text.Length ? text[start..^end] : "";
    }

    private static string Letters(string text) => string.Concat(text.Where(char.IsLetter));

    private static string Unmask(string text) => string.Concat(text.Select(character => character switch
    {
        '0' => 'o',
        '1' or '!' or '|' => 'i',
        '3' => 'e',
        '4' or '@' => 'a',
        '5' or '$' => 's',
        '7' => 't',
        _ => character,
    }));
}
