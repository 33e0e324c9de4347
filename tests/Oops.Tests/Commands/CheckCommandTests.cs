using Oops.Commands;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Commands;

public sealed class CheckCommandTests
{
    [Theory]
    [InlineData(2, "check", "FILE", "--config", "FILE")]
    [InlineData(0, "check", "FILE")]
    [InlineData(0, "check", "--config", "FILE")]
    [InlineData(2, "check", "/nowhere/oops.yaml")]
    [InlineData(2, "run", "FILE", "--config", "FILE")]
    [InlineData(2, "run", "/nowhere/oops.yaml")]
    [InlineData(2, "run", "--config", "/nowhere/oops.yaml")]
    public async Task The_config_is_named_in_one_of_two_ways(int exit, params string[] words)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("oops.yaml");
        await File.WriteAllTextAsync(file, "mode: observe\nservers: { ns1: { kind: knot } }\n", TestContext.Current.CancellationToken);
        string[] given = [.. words.Select(w => w == "FILE" ? file : w)];

        Assert.Equal(exit, await Root.New().Parse(given).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken));
    }
}
