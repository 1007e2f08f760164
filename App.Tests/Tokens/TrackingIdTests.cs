using ScoreTracking.Data;
using ScoreTracking.Tests.Support;
using ScoreTracking.Tokens;

namespace ScoreTracking.Tests.Tokens;

public sealed class TrackingIdTests : IDisposable
{
    private const string Alphabet = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_=.%";

    private readonly string _directory = Directory.CreateTempSubdirectory("scoretracking-keys-").FullName;
    private readonly TrackingIds _ids;

    public TrackingIdTests() => _ids = Open();

    [Theory]
    [InlineData(1, 0, false)]
    [InlineData(123_456_789, 42, true)]
    [InlineData((1L << 44) - 1, (1L << 44) - 1, true)]
    public void What_was_written_is_read_back(long message, long link, bool preview)
    {
        var id = new TrackingId(message, link, preview);

        var text = _ids.Write(TrackingKind.Click, id);

        Assert.Matches("^[0-9a-z]{40}$", text);
        Assert.True(_ids.TryRead(TrackingKind.Click, text, out var read));
        Assert.Equal(id, read);
    }

    [Fact]
    public void The_same_mail_has_the_same_id_also_after_a_restart() =>
        Assert.Equal(_ids.Write(TrackingKind.Open, new TrackingId(7)), Open().Write(TrackingKind.Open, new TrackingId(7)));

    [Fact]
    public void An_id_opens_only_what_it_was_made_for()
    {
        var pixel = _ids.Write(TrackingKind.Open, new TrackingId(7));

        Assert.False(_ids.TryRead(TrackingKind.Click, pixel, out _));
        Assert.False(_ids.TryRead(TrackingKind.Unsubscribe, pixel, out _));
    }

    [Fact]
    public void No_change_of_one_character_and_no_cut_is_accepted()
    {
        var text = _ids.Write(TrackingKind.Open, new TrackingId(7));

        for (var at = 0; at < text.Length; at++)
        {
            Assert.False(_ids.TryRead(TrackingKind.Open, text.AsSpan(0, at), out _));
            foreach (var character in Alphabet.Where(character => character != text[at]))
            {
                Assert.False(_ids.TryRead(TrackingKind.Open, text[..at] + character + text[(at + 1)..], out _));
            }
        }
    }

    [Fact]
    public void A_hundred_thousand_guesses_are_all_refused()
    {
        var random = new Random(1);
        var guess = new char[TrackingIds.Length];
        for (var i = 0; i < 100_000; i++)
        {
            // Crockford's letters, so that every guess decodes, and the right first byte.
            for (var at = 0; at < guess.Length; at++)
            {
                guess[at] = "0123456789abcdefghjkmnpqrstvwxyz"[random.Next(32)];
            }

            "20".CopyTo(guess);
            Assert.False(_ids.TryRead(TrackingKind.Open, guess, out _));
        }
    }

    [Fact]
    public void The_keys_are_readable_by_their_owner_only()
    {
        Assert.False(OperatingSystem.IsWindows());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_directory, "keys", "tracking.json")));
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private TrackingIds Open() => new(TrackingKeys.LoadOrCreate(new StorageOptions { DataDirectory = _directory }));
}
