using Oops.Commands;
using Oops.Control;
using Oops.Sources.Verify;
using Oops.Tests.Wire.Dns;
using Oops.Tests.Zones;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Control;

/// <summary>`oops verify --daemon` and `--accept` against a daemon with a source verify, and the zone at one that transfers it.</summary>
public sealed class VerifyApiTests : IAsyncLifetime
{
    const string Zone = "cat.test";

    readonly FakePrimary primary = new();
    readonly string folder = Directory.CreateTempSubdirectory("oops-verified-").FullName;
    Living oops = null!;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Serve(5, 40);
        oops = await Living.StartAsync(source: new VerifySource(new VerifyTarget
        {
            Server = "ns1",
            Zones = [Zone],
            From = [new Primary(primary.Address)],
            Options = new VerifyOptions { Now = 0, Keep = true, RequireZonemd = true, Policy = new Dictionary<ZoneFault, Severity> { [ZoneFault.ZonemdMissing] = Severity.Ignore }, Canaries = [DnsNameTests.Name($"n1.{Zone}")] },
            Brake = new SizeLimit(20, 3),
            Folder = folder,
        }));
        for (var i = 0; i < 500 && await RunAsync("--daemon", "--otherwise", "fail") != 0; i++)
            await Task.Delay(20, Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await oops.DisposeAsync();
        await primary.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(0, "--require", "zonemd")]
    [InlineData(2, "--require", "dnssec")]
    [InlineData(0, "--policy", "zonemd-missing=ignore", "--policy", "occluded=warning")]
    [InlineData(2, "--policy", "zonemd-missing=error")]
    [InlineData(0, "--canary", "n1.cat.test")]
    [InlineData(2, "--canary", "nix.cat.test")]
    [InlineData(0, "--brake", "20,3")]
    [InlineData(0, "--brake", "30,100")]
    [InlineData(2, "--brake", "10")]
    [InlineData(2, "--brake", "50,2")]
    public async Task What_the_command_asks_for_and_the_daemon_does_not_is_refused_whatever_counts_otherwise(int exit, params string[] options)
    {
        Assert.Equal(exit, await RunAsync(["--daemon", "--otherwise", "pass", .. options]));
        Assert.Equal(exit, await RunAsync(["--daemon", "--otherwise", "pass", "--from", $"127.0.0.1@{primary.Address.Port}", .. options]));
    }

    [Fact]
    public async Task It_says_what_to_write_where()
    {
        var read = await oops.Client.GetAsync($"/verify?zone={Zone}&require=dnssec&require=zonemd&policy=occluded%3Derror&canary=a.{Zone}&brake=1.5%2C0", VerifyJson.Default.VerifyReport, Stop);
        Assert.Equal(Verb.Usage, read.Exit);
        Assert.Equal($"the source verify of ns1 does not ask what the command does, and it is the one that judges: write require: [zonemd, dnssec], policy: {{ occluded: error }}, canaries: [a.{Zone}], brake: {{ percent: 1.5, least: 0 }} there", read.Text);
    }

    [Theory]
    [InlineData("require=peace", "require: dnssec or zonemd, not 'peace'")]
    [InlineData("policy=occluded", "policy: FAULT=SEVERITY, such as ttl-mismatch=warning")]
    [InlineData("canary=a..b", "canary: 'a..b' is no domain name")]
    [InlineData("brake=much", "brake: 'much' is not PERCENT,LEAST")]
    public async Task A_word_that_is_not_known_is_not_passed_over(string word, string said) => Assert.Equal(said, (await oops.Client.GetAsync($"/verify?zone={Zone}&{word}", VerifyJson.Default.VerifyReport, Stop)).Text);

    [Fact]
    public async Task A_version_is_accepted_by_its_serial_only()
    {
        await using var waiting = new FakePrimary { Serve = (query, wire) => wire.SendAsync(Whole(query, 6, 20)) };
        Assert.Equal(1, await RunAsync("--daemon", "--from", $"127.0.0.1@{waiting.Address.Port}"));
        Assert.Equal(2, await RunAsync("--accept"));
        Assert.Equal(4, await RunAsync("--accept", "--serial", "5"));
        Assert.Equal(1, await RunAsync("--daemon", "--from", $"127.0.0.1@{waiting.Address.Port}"));

        var asked = await oops.SayAsync("accept", new() { Subject = Zone });
        Assert.Equal($"{Zone} at ns1: serial 6: size-records at {Zone} (22, and 42 in serial 5, the last that passed or was accepted: -47.6 %), size-rrsets at {Zone} (22, and 42 in serial 5, the last that passed or was accepted: -47.6 %), was kept out; if its size is right, write --serial 6", asked.Text);
        Assert.StartsWith($"{Zone} at ns1: serial 5 is not the version that would be accepted; that is serial 6: size-records", (await oops.SayAsync("accept", new() { Subject = Zone, Serial = 5 })).Text, StringComparison.Ordinal);
        Assert.Equal(0, await RunAsync("--accept", "--serial", "6"));
        Assert.Equal(0, await RunAsync("--daemon", "--from", $"127.0.0.1@{waiting.Address.Port}"));
    }

    [Fact]
    public async Task What_the_daemon_lets_in_is_what_the_next_version_is_compared_with_without_it()
    {
        var last = Path.Combine(folder, "last");
        await using var waiting = new FakePrimary { Serve = (query, wire) => wire.SendAsync(Whole(query, 6, 41)) };
        Assert.Equal(0, await RunAsync("--daemon", "--from", $"127.0.0.1@{waiting.Address.Port}", "--last", last, "--brake", "20,3"));
        Assert.Equal(6u, new LastPassed(last).Read(DnsNameTests.Name(Zone), out _)!.Serial);
    }

    Task<int> RunAsync(params string[] options) => Root.New().Parse(["verify", Zone, "--socket", oops.Socket, .. options]).InvokeAsync(cancellationToken: Stop);

    void Serve(uint serial, int names) => primary.Serve = (query, wire) => wire.SendAsync(Whole(query, serial, names));

    static byte[] Whole(byte[] query, uint serial, int names)
    {
        var message = new TransferMessage(FakePrimary.IdOf(query), Zone, FakePrimary.TypeOf(query)).Soa(serial);
        if (FakePrimary.TypeOf(query) == DnsType.Ixfr && FakePrimary.SerialOf(query) >= serial)
            return message.Bytes();
        message.Record(Zone, DnsType.Ns, DnsNameTests.Name("ns.other").Wire.ToArray());
        for (var i = 0; i < names; i++)
            message.Txt($"n{i}.{Zone}", "x");
        return message.Soa(serial).Bytes();
    }
}
