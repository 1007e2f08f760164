using System.Text;
using ScoreTracking.Webhooks;

namespace ScoreTracking.Tests.Webhooks;

public sealed class ReadingTests
{
    [Theory]
    [InlineData("1788256800", "2026-09-01T10:00:00.000Z")]
    [InlineData("1788256800.5", "2026-09-01T10:00:00.500Z")]
    [InlineData("1788256800500", "2026-09-01T10:00:00.500Z")]
    [InlineData("1.7882568E9", "2026-09-01T10:00:00.000Z")]
    [InlineData("2026-09-01T10:00:00.1234567Z", "2026-09-01T10:00:00.123Z")]
    [InlineData("2026-09-01T12:00:00+02:00", "2026-09-01T10:00:00.000Z")]
    [InlineData("2026-09-01 10:00:00", "2026-09-01T10:00:00.000Z")]
    [InlineData("2026-09-01 10:00:00.123+00", "2026-09-01T10:00:00.123Z")]
    [InlineData("10:00", null)]
    [InlineData("Tuesday", null)]
    [InlineData("2026-13-01T10:00:00Z", null)]
    [InlineData("0", null)]
    [InlineData("-1788256800", null)]
    [InlineData("99999999999999999999", null)]
    [InlineData("1e400", null)]
    [InlineData("2150-01-01T00:00:00Z", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_time_is_read_in_every_spelling_and_never_made_up(string? text, string? expected) =>
        Assert.Equal(expected, JsonReading.ToTime(text)?.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));

    [Theory]
    [InlineData("ann@example.com", "ann@example.com")]
    [InlineData(" <Ann@Example.com> ", "Ann@Example.com")]
    [InlineData("\"Miller, Ann <x>\" <ann@example.com>", "ann@example.com")]
    [InlineData("Ann <ann@example.com>, Bob <bob@example.com>", "ann@example.com")]
    [InlineData("ann@example.com, bob@example.com", "ann@example.com")]
    [InlineData("Ann <ann@example.com", "ann@example.com")]
    [InlineData("nobody", null)]
    [InlineData("<>", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void An_address_is_bare(string? text, string? expected) => Assert.Equal(expected, Recipients.Bare(text));

    [Fact]
    public void The_same_fields_make_the_same_id_and_a_field_never_runs_into_the_next()
    {
        Assert.Equal("38022fd2b8dbc5cb3d2cee74e083edbf", EventIds.Hash("a", null, "b"));
        Assert.Equal(EventIds.Hash("a", null, "b"), EventIds.Hash("a", "", "b"));
        Assert.NotEqual(EventIds.Hash("ab", "c"), EventIds.Hash("a", "bc"));
        Assert.NotEqual(EventIds.Hash("a", null, "b"), EventIds.Hash("a", "b", null));
    }

    [Theory]
    [InlineData("a=1&a=2&b=J%C3%B6rg+M&=x&c&d=")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=a\r\n\r\n2\r\n--b\r\nContent-Type: text/plain\r\ncontent-disposition: FORM-DATA; name=\"b\"; filename=\"n\"\r\n\r\nJörg M\r\n--b--\r\n")]
    [InlineData("--b\nContent-Disposition: form-data; name=\"a\"\n\n1\n--b\nContent-Disposition: form-data; name=\"a\"\n\n2\n--b\nContent-Disposition: form-data; name=\"b\"\n\nJörg M\n--b--")]
    public void A_form_is_read_alike_in_every_encoding(string body)
    {
        var fields = FormReading.Fields(Encoding.UTF8.GetBytes(body));

        Assert.Equal("1", fields.First("a"));
        Assert.Equal("2", fields.Last("a"));
        Assert.Equal("Jörg M", fields.First("b"));
        Assert.Null(fields.First("d"));
        Assert.Null(fields.First("c"));
    }

    [Fact]
    public void A_value_may_hold_the_boundary_inside_a_line() =>
        Assert.Equal("x--b y\r\nz", FormReading.Fields("--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx--b y\r\nz\r\n--b--\r\n"u8.ToArray()).First("a"));
}
