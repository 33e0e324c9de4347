using Oops.Config;
using Xunit;

namespace Oops.Tests.Actions.Route53;

public sealed class Route53ConfigTests
{
    [Theory]
    [InlineData("name: a, endpoint: \"http://route53.amazonaws.com\"", "is no URL of an API")]
    [InlineData("name: a, endpoint: \"https://host/path\"", "is no URL of an API")]
    [InlineData("name: a, endpoint: \"https://user:secret@host\"", "is no URL of an API")]
    [InlineData("name: a, endpoint: route53", "is no URL of an API")]
    [InlineData("name: a, region: \"US East\"", "is no region such as us-east-1")]
    [InlineData("name: a, hosted-zones: [ { zone: example, id: /hostedzone/Z1 } ]", "is no ID of a hosted zone")]
    [InlineData("name: a, hosted-zones: [ { zone: a..b, id: Z1 } ]", "is not a zone name")]
    [InlineData("name: a, hosted-zones: [ { zone: a, id: Z1 }, { zone: a., id: Z2 } ]", "a is written twice")]
    [InlineData("name: a, credentials: aws", "absolute path")]
    [InlineData("name: a, rate: 0", "0.1")]
    [InlineData("name: a", "where are zones transferred from? Write from, or the address of the server whose zones change")]
    public void What_cannot_work_or_is_unsafe_is_told(string options, string why) => Assert.Contains(Load($"actions: {{ route53: [ {{ {options} }} ] }}"), l => l.Contains(why, StringComparison.Ordinal));

    [Theory]
    [InlineData("us-east-1", null, "https://route53.amazonaws.com/")]
    [InlineData("cn-northwest-1", null, "https://route53.amazonaws.com.cn/")]
    [InlineData("us-gov-west-1", null, "https://route53.us-gov.amazonaws.com/")]
    [InlineData("us-east-1", "http://127.0.0.1:4566", "http://127.0.0.1:4566/")]
    public void The_endpoint_is_that_of_the_partition_unless_one_is_written(string region, string? endpoint, string place) =>
        Assert.Equal(place, new Oops.Actions.Route53.Route53Config { Name = "a", Region = region, Endpoint = endpoint }.Place.AbsoluteUri);

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Actions/Route53/sample.yaml"));
        Assert.Empty(Load(sample, "address: 192.0.2.53"));
        Assert.DoesNotContain(Load(SampleText.WithAllOptions(sample)), static l => !l.Contains("(no such file)", StringComparison.Ordinal));
    }

    static IEnumerable<string> Load(string text, string server = "kind: other")
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".yaml");
        File.WriteAllText(path, $"mode: observe\nservers: {{ ns1: {{ kind: other{(server == "kind: other" ? "" : ", " + server)} }} }}\n" + text);
        try
        {
            return [.. ConfigCheck.Load(path).Errors.Lines.Where(static l => !l.Contains("no source speaks of this server", StringComparison.Ordinal))];
        }
        finally
        {
            File.Delete(path);
        }
    }
}
