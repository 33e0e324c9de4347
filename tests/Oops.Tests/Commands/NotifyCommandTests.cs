using Oops.Commands;
using Oops.Tests.Dns;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Commands;

public sealed class NotifyCommandTests : IAsyncDisposable
{
    readonly FakeDnsServer server = new();
    readonly string file = Path.GetTempFileName();

    public NotifyCommandTests() => server.Udp = request =>
    {
        NotifyRequest.TryRead(request, out var notify);
        return [FakeDnsServer.Notified(request, notify.Zone.ToString() == "bad.example" ? DnsRcode.Refused : DnsRcode.NoError)];
    };

    string Target => $"127.0.0.1@{server.Address.Port}";

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        File.Delete(file);
    }

    static Task<int> RunAsync(params string[] words) => Root.New().Parse(["notify", .. words]).InvokeAsync(cancellationToken: TestContext.Current.CancellationToken);

    [Fact]
    public async Task Zones_of_the_line_and_of_a_file_are_told_to_each_target()
    {
        await File.WriteAllTextAsync(file, "# all\nb.example  c.example # and\n\nd.example\n", TestContext.Current.CancellationToken);
        Assert.Equal(0, await RunAsync("a.example", "--zones", file, "--to", Target));
        Assert.Equal(["a.example", "b.example", "c.example", "d.example"], server.Seen.Select(s => NotifyRequest.TryRead(s.Request, out var n) == NotifyReading.Notify ? n.Zone.ToString() : "").Order());
    }

    [Fact]
    public async Task Targets_come_from_a_file_too_and_one_that_is_refused_fails()
    {
        await File.WriteAllTextAsync(file, $"{Target}\n", TestContext.Current.CancellationToken);
        Assert.Equal(1, await RunAsync("a.example", "bad.example", "--targets", file, "--type", "cds"));
        Assert.Equal(2, server.Seen.Count);
        Assert.All(server.Seen, s => Assert.Equal((NotifyReading.Notify, DnsType.Cds), (NotifyRequest.TryRead(s.Request, out var n), n.Type)));
    }

    [Fact]
    public async Task A_host_is_found_by_its_name_in_one_family()
    {
        Assert.Equal(0, await RunAsync("a.example", "--to", $"localhost@{server.Address.Port}", "-4"));
        Assert.Single(server.Seen);
    }

    [Theory]
    [InlineData("example")]
    [InlineData("--to", "127.0.0.1")]
    [InlineData("a..b", "--to", "127.0.0.1")]
    [InlineData("example", "--to", "127.0.0.1@99999")]
    [InlineData("example", "--to", "host@0")]
    [InlineData("example", "--to", "a b")]
    [InlineData("example", "--to", "127.0.0.1", "--key", "k")]
    [InlineData("example", "--to", "127.0.0.1", "--zones", "/nowhere")]
    public async Task Wrong_words_are_exit_2(params string[] words) => Assert.Equal(2, await RunAsync(words));
}
