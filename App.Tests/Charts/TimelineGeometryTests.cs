using ScoreTracking.Charts;

namespace ScoreTracking.Tests.Charts;

public sealed class TimelineGeometryTests
{
    [Fact]
    public void A_line_runs_through_the_middle_of_each_step()
    {
        var opened = new ChartSeries("Opened", "series-1", [0, 4, 2]);

        var geometry = new TimelineGeometry([opened], 3, 100);

        Assert.Equal("M0.5 100L1.5 0L2.5 50", geometry.Path(opened));
        Assert.Equal("M0.5 100L1.5 0L2.5 50V100H0.5Z", geometry.Surface(opened));
    }

    [Fact]
    public void A_quiet_stretch_is_drawn_by_its_two_ends()
    {
        var opened = new ChartSeries("Opened", "series-1", [1, 0, 0, 0, 0, 1]);

        Assert.Equal("M0.5 0L1.5 100L4.5 100L5.5 0", new TimelineGeometry([opened], 6, 100).Path(opened));
    }

    [Fact]
    public void A_send_in_one_hour_has_an_axis_of_its_own_and_flattens_nothing()
    {
        var sent = new ChartSeries("Sent", "series-quiet", [40_000, 0], ChartShape.Column);
        var opened = new ChartSeries("Opened", "series-1", [300, 400]);

        var geometry = new TimelineGeometry([sent, opened], 2, 100);

        Assert.Equal(new Scale(400, 100), geometry.Left);
        Assert.Equal(new Scale(40_000, 10_000), geometry.Right);
        Assert.EndsWith("L1.5 0", geometry.Path(opened));
        Assert.StartsWith("M0.4 100V0h0.2V100Z", geometry.Path(sent));
    }

    [Fact]
    public void One_among_many_is_not_nothing()
    {
        var sent = new ChartSeries("Sent", "series-quiet", [40_000, 1, 0], ChartShape.Column);

        var path = new TimelineGeometry([sent], 3, 100).Path(sent);

        Assert.Contains("V99h", path);
        Assert.Equal(2, path.Count(letter => letter == 'M'));
    }

    [Fact]
    public void A_single_step_is_a_dot_and_has_no_surface()
    {
        var opened = new ChartSeries("Opened", "series-1", [5], ChartShape.Area);

        var geometry = new TimelineGeometry([opened], 1, 100);

        Assert.Equal("M0.5 16.67h0.001", geometry.Path(opened));
        Assert.Equal("", geometry.Surface(opened));
        Assert.Equal(50, geometry.Percent(0));
    }

    [Fact]
    public void Nothing_but_zeros_is_empty_and_lies_on_the_ground()
    {
        var opened = new ChartSeries("Opened", "series-1", [0, 0, 0, 0]);

        var geometry = new TimelineGeometry([opened], 4, 100);

        Assert.True(geometry.IsEmpty);
        Assert.Equal("M0.5 100L3.5 100", geometry.Path(opened));
        Assert.True(new TimelineGeometry([], 0, 100).IsEmpty);
    }

    [Fact]
    public void Where_nothing_is_known_the_line_stops_and_goes_on_after()
    {
        var opened = new ChartSeries("Opened", "series-1", [1, 2, double.NaN, 4, double.NaN]);

        var geometry = new TimelineGeometry([opened], 5, 100);

        Assert.Equal("M0.5 75L1.5 50M3.5 0", geometry.Path(opened));
        Assert.Equal(4, geometry.Left.Top);
    }

    [Fact]
    public void A_series_of_another_length_is_refused_by_name() =>
        Assert.Contains("Opened has 1 values for 2 steps", Assert.Throws<ArgumentException>(() => new TimelineGeometry([new ChartSeries("Opened", "series-1", [1])], 2, 100)).Message);
}
