using System.Net;
using System.Net.Sockets;
using Oops.Servers;
using Oops.Sources.Powerdns;
using Oops.Tests.Servers;
using Xunit;

namespace Oops.Tests.Sources.Powerdns;

/// <summary>The source against an API that answers what was recorded, or what it should not.</summary>
public sealed class PowerdnsSourceTests : IAsyncLifetime
{
    readonly CannedApi api = new();
    readonly Socket dns = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    readonly SpokenEngine engine = new();
    readonly CancellationTokenSource stop = new();
    PowerdnsSource? source;
    Task running = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        // Bound, and silent: no serial is ever answered.
        dns.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await api.DisposeAsync();
        dns.Dispose();
        stop.Dispose();
    }

    [Fact]
    public async Task Recorded_answers_are_understood_and_without_an_answer_over_DNS_no_serial_is_claimed()
    {
        api.Answer = path => Recorded(path);
        Start();
        var said = await engine.HearAsync("api opened", "api Answering 1", "api p.test Expiry absent", "api up.test Expiry absent", "api list p.test n.test sp\\032ace\\.dot\\200.test up.test a.test .");
        Assert.DoesNotContain(said, s => s.Contains("Serial", StringComparison.Ordinal) || s == "api read");
        Assert.DoesNotContain(said, s => s.Contains("n.test Expiry", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_rate_is_the_sum_of_both_transports()
    {
        var count = 0;
        api.Answer = path => path.Contains("statistics", StringComparison.Ordinal)
            ? $$"""[{"name":"udp-queries","type":"StatisticItem","value":"{{Interlocked.Add(ref count, 1000)}}"},{"name":"x","type":"MapStatisticItem","value":[{"name":"udp-queries","value":"5"}]},{"name":"tcp-queries","type":"StatisticItem","value":"7"}]"""
            : Recorded(path);
        Start();
        await engine.HearAsync("rate opened", "rate QueryRate *");
    }

    [Theory]
    [InlineData("{}", "answers '', not the API of an authoritative server")]
    [InlineData("{\"daemon_type\":\"recursor\",\"version\":\"1\"}", "answers 'recursor'")]
    [InlineData("{\"daemon_type\":\"\\u001b[31m\",\"version\":\"1\"}", "answers '?[31m'")]
    [InlineData("[", "the JSON text ends within itself")]
    [InlineData("<html>", "not a JSON text")]
    [InlineData("", "JSON")]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "status 500")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", "status 302")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\n{\"daemon_type\":", "broke off")]
    [InlineData("SSH-2.0", "JSON")]
    public async Task What_is_not_its_API_opens_nothing_and_says_why(string answer, string says)
    {
        api.Answer = _ => answer;
        Start();
        var said = await engine.HearAsync("api lost: powerdns: *");
        Assert.Contains(said, s => s.StartsWith("api lost", StringComparison.Ordinal) && s.Contains(says, StringComparison.Ordinal));
        Assert.DoesNotContain(said, s => s.Contains("opened", StringComparison.Ordinal));
        Assert.InRange(source!.Counted.Single(c => c.Name == "failed_reads").Value, 1, 100);
    }

    [Theory]
    [InlineData("{\"error\":\"no\"}", "not a list of zones")]
    [InlineData("[]", "an empty list, though there were zones")]
    [InlineData("[{\"name\":\"a.test.\",\"kind\":\"Native\",\"serial\":1,\"last_check\":0},", "ends within itself")]
    [InlineData("[{\"name\":\"a.test.\",\"kind\":\"Native\",\"serial\":1,\"last_check\":0},{\"kind\":\"Native\",\"serial\":1}]", "a zone without a name")]
    [InlineData("[{\"name\":\"a..test.\",\"kind\":\"Native\",\"serial\":1,\"last_check\":0}]", "a zone without a name, or with one that is none: a..test.")]
    [InlineData("[{\"name\":\"a.test.\",\"kind\":\"Mirror\",\"serial\":1,\"last_check\":0}]", "is of a kind that is not known: Mirror")]
    [InlineData("[{\"name\":\"a.test.\",\"kind\":\"Slave\",\"serial\":-1,\"last_check\":0}]", "a broken entry of the zone a.test.")]
    [InlineData("[{\"name\":\"a.test.\",\"kind\":\"Slave\",\"serial\":1,\"last_check\":\"now\"}]", "a broken entry of the zone a.test.")]
    [InlineData("[{\"name\":\"a.test.\",\"kind\":\"Slave\",\"serial\":99999999999,\"last_check\":1}]", "a broken entry of the zone a.test.")]
    public async Task A_list_that_is_none_is_no_read_and_no_zone_is_missing_because_of_it(string list, string says)
    {
        var broken = false;
        api.Answer = path => broken && path.Contains("/zones", StringComparison.Ordinal) ? list : Recorded(path);
        Start();
        await engine.HearAsync("api list *");
        broken = true;
        if (list == "[]")
        {
            while (source!.Counted.Single(c => c.Name == "failed_reads").Value == 0) await Task.Delay(TimeSpan.FromMilliseconds(5));
            Assert.DoesNotContain(engine.Take(), s => s.Contains("absent (not in", StringComparison.Ordinal));
            return;
        }

        var said = await engine.HearAsync("api lost: powerdns: *");
        Assert.Contains(said, s => s.StartsWith("api lost", StringComparison.Ordinal) && s.Contains(says, StringComparison.Ordinal));
        Assert.DoesNotContain(said, s => s.Contains("Serial absent", StringComparison.Ordinal) || s.Contains("absent (not in", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[{\"name\":\"udp-queries\",\"value\":\"1\"}]")]
    [InlineData("[{\"name\":\"udp-queries\",\"value\":\"x\"},{\"name\":\"tcp-queries\",\"value\":\"1\"}]")]
    [InlineData("[{\"name\":\"udp-queries\",\"value\":\"-1\"},{\"name\":\"tcp-queries\",\"value\":\"1\"}]")]
    [InlineData("{}")]
    public async Task Statistics_without_the_counters_are_no_rate(string statistics)
    {
        api.Answer = path => path.Contains("statistics", StringComparison.Ordinal) ? statistics : Recorded(path);
        Start();
        var said = await engine.HearAsync("rate lost: powerdns: no number *");
        Assert.DoesNotContain(said, s => s.Contains("QueryRate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_that_is_too_long_is_given_up()
    {
        api.Answer = path => Recorded(path);
        Start(mostZones: 2);
        await engine.HearAsync("api lost: powerdns: a list of more than 2 zones");
    }

    [Fact]
    public async Task An_API_that_hangs_is_a_silence()
    {
        api.Answer = _ => "hang";
        Start();
        var said = await engine.HearAsync("api lost: powerdns: silent for 0.5 s*");
        Assert.DoesNotContain(said, s => s.Contains("opened", StringComparison.Ordinal));
    }

    void Start(int mostZones = 5_000_000)
    {
        source = new PowerdnsSource(new PowerdnsOptions("ns1", Recursor: false, new HttpApiOptions("powerdns", api.Address, TimeSpan.FromSeconds(0.5)) { ReadKey = () => ("key", "") }, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1))
        {
            Address = (IPEndPoint)dns.LocalEndPoint!,
            ListsZones = true,
            MostZones = mostZones,
        });
        running = source.RunAsync(engine, stop.Token);
    }

    static string? Recorded(string path) => path switch
    {
        "/api/v1/servers/localhost" => Repository.Text("tests/vectors/powerdns/auth-server.json"),
        "/api/v1/servers/localhost/zones?dnssec=false" => Repository.Text("tests/vectors/powerdns/auth-zones.json"),
        "/api/v1/servers/localhost/config" => Repository.Text("tests/vectors/powerdns/auth-config.json"),
        "/api/v1/servers/localhost/statistics?includerings=false" => Repository.Text("tests/vectors/powerdns/auth-statistics.json"),
        _ => null,
    };
}
