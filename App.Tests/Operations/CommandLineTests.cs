using ScoreTracking.Operations;

namespace ScoreTracking.Tests.Operations;

/// <summary>Verbs beside settings on one command line.</summary>
public sealed class CommandLineTests
{
    [Theory]
    [InlineData("backup /backups/today.tar.gz --DataDirectory=/data", "--DataDirectory=/data")]
    [InlineData("verify --DataDirectory /data", "--DataDirectory /data")]
    [InlineData("verify", "")]
    [InlineData("--urls http://localhost:5000 --demo", "--urls http://localhost:5000 --demo")]
    public void A_verbs_own_argument_is_no_setting(string line, string settings) =>
        Assert.Equal(settings, string.Join(' ', CommandLine.Settings(line.Split(' '))));
}
