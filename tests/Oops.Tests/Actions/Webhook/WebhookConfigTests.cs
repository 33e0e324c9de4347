using System.Text.RegularExpressions;
using Oops.Config;
using Xunit;

namespace Oops.Tests.Actions.Webhook;

public sealed class WebhookConfigTests
{
    [Theory]
    [InlineData("name: a", "url")]
    [InlineData("name: a, url: https://a, url-file: /x", "url")]
    [InlineData("name: a, url: 'ftp://a/'", "is no URL of https or http; write https://host/path")]
    [InlineData("name: a, url: a.example/x", "is no URL of https or http")]
    [InlineData("name: a, url: 'https://u:s3cret@a.example/'", "has a user in it; write the URL without")]
    [InlineData("name: a, url: 'https://a.example/#s3cret'", "has a fragment (#)")]
    [InlineData("name: a, url: http://192.0.2.1/", "over plain HTTP whoever is between reads it")]
    [InlineData("name: a, url: http://127.0.0.1/, tls: { ca: /x }", "there is no TLS with http; write https, or remove this")]
    [InlineData("name: a, url: https://a, tls: { key: /x }", "a certificate of ours and its key go together")]
    [InlineData("name: a, url: https://a, headers: [ { name: 'a b', value: x } ]", "is no name of a header")]
    [InlineData("name: a, url: https://a, headers: [ { name: Content-Type, value: x } ]", "Content-Type is written by oops; remove it")]
    [InlineData("name: a, url: https://a, headers: [ { name: CE-Id, value: x } ]", "CE-Id is written by oops; remove it")]
    [InlineData("name: a, url: https://a, signature: { key: /k }, headers: [ { name: Webhook-Id, value: x } ]", "Webhook-Id is written by oops; remove it")]
    [InlineData("name: a, url: https://a, headers: [ { name: X } ]", "what does it say? Write value, or file")]
    [InlineData("name: a, url: https://a, headers: [ { name: X, value: \"a\\r\\nb\" } ]", "only printable ASCII can stand in a header")]
    [InlineData("name: a, url: https://a, signature: { key: /k, header: 'a b' }", "begins no name of a header")]
    [InlineData("name: a, url: https://a, signature: { key: [] }", "at least one")]
    [InlineData("name: a, url: https://a, source: 'a b'", "is no URI")]
    [InlineData("name: a, url: https://a, type-prefix: 'a b'", "is no prefix of types")]
    public void What_cannot_work_or_is_unsafe_is_told_and_never_with_a_secret(string options, string why)
    {
        var lines = Load($"actions: {{ webhook: [ {{ {options} }} ] }}");
        Assert.Contains(lines, l => l.Contains(why, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public void The_sample_loads_and_so_does_every_option_in_it()
    {
        var sample = File.ReadAllText(Path.Combine(Repository.Root, "src/Oops/Actions/Webhook/sample.yaml"));
        Assert.Empty(Load(sample));
        var all = Regex.Replace(sample, "(?m)^( +)# ([a-z-]+: )", "$1$2");
        Assert.Empty(Load(all.Replace("      url-file: /etc/oops/hook.url\n", "", StringComparison.Ordinal)));
        Assert.Empty(Load(all.Replace("      url: https://hooks.example.net/dns\n", "", StringComparison.Ordinal)));
    }

    static IReadOnlyList<string> Load(string text) => [.. ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", "mode: observe\nservers: { ns1: { kind: other } }\n" + text)).Errors.Lines];
}
