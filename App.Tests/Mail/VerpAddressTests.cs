using ScoreTracking.Mail;

namespace ScoreTracking.Tests.Mail;

public sealed class VerpAddressTests
{
    private const string Token = "10k7qf3m9x2v8c4t6n0p5r1s3w7y9z2b4d6g8h0j";

    [Theory]
    [InlineData(VerpKind.Bounce, '+', $"bounce+{Token}@mail.acme.example")]
    [InlineData(VerpKind.Unsubscribe, '+', $"u+{Token}@mail.acme.example")]
    [InlineData(VerpKind.Reply, '-', $"r-{Token}@mail.acme.example")]
    public void An_address_reads_back_as_it_was_written(VerpKind kind, char separator, string expected)
    {
        var written = VerpAddress.Create(kind, Token, "mail.acme.example");

        Assert.Equal(expected, written.Address(separator));
        Assert.True(VerpAddress.TryParse(expected, out var read));
        Assert.Equal(written, read);
    }

    [Theory]
    [InlineData($"<bounce+{Token}@acme.example>")]
    [InlineData($"b-{Token}@acme.example")]
    [InlineData($"BOUNCE+10K7QF3M9X2V8C4T6N0P5R1S3W7Y9Z2B4D6G8H0J@ACME.example")]
    [InlineData($"acme+b-{Token}@acme.example")]
    [InlineData($"list-bounces+{Token}@acme.example")]
    [InlineData($"prvs=1234abcdef=bounce+{Token}@acme.example")]
    [InlineData($"mailto:bounces+{Token}@acme.example")]
    [InlineData($"\"bounce+{Token}\"@acme.example")]
    public void Relays_and_mailboxes_may_write_it_their_way(string address)
    {
        Assert.True(VerpAddress.TryParse(address, out var read));
        Assert.Equal(new VerpAddress(VerpKind.Bounce, Token, "acme.example"), read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("bounce+@acme.example")]
    [InlineData("b-smith@acme.example")]
    [InlineData("u+spring2025@acme.example")]
    [InlineData($"+{Token}@acme.example")]
    [InlineData($"{Token}@acme.example")]
    [InlineData($"bounce+{Token}")]
    [InlineData($"bounce+{Token}@")]
    [InlineData($"news+{Token}@acme.example")]
    [InlineData($"bounce+{Token}{Token}@acme.example")]
    [InlineData($"bounce+{Token}é@acme.example")]
    [InlineData($"bounce+{Token}x x@acme.example")]
    public void Other_addresses_are_not_taken_for_ours(string? address) => Assert.False(VerpAddress.TryParse(address, out _));

    [Theory]
    [InlineData("short", "acme.example")]
    [InlineData("10k7qf3m9x2v8c4t6n0p5r1s3w7y9z2b4d6g8h0+", "acme.example")]
    [InlineData(Token, " ")]
    public void What_could_not_be_read_back_is_not_written(string token, string domain) =>
        Assert.Throws<ArgumentException>(() => VerpAddress.Create(VerpKind.Bounce, token, domain));

    [Fact]
    public void Every_written_address_fits_a_local_part() =>
        Assert.All(Enum.GetValues<VerpKind>(), kind =>
            Assert.InRange(VerpAddress.Create(kind, new string('a', VerpAddress.MaxToken), "a.example").Address().IndexOf('@'), 1, 64));
}
