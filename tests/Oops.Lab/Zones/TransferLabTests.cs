using System.Net;
using Oops.Config;
using Oops.Dns;
using Oops.Lab.Catalog;
using Oops.Lab.Harness;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;
using Xunit;

namespace Oops.Lab.Zones;

/// <summary>Transfers from real primaries: over TLS, from the one that lives, and by differences.</summary>
public sealed class TransferLabTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("nsd")]
    [InlineData("named")]
    public async Task A_zone_comes_over_TLS_from_who_has_the_key_or_the_name(string server)
    {
        LabRequires.Programs(server, "kdig");
        await using var primary = new XotServer(server, "example");
        await primary.StartAsync(ZoneText.Of("example", 7, new ZoneTimers()));
        var byPin = new TlsProof { Pins = [primary.Pin] };
        ZoneTaken? taken = null;
        await Wait.UntilAsync("the zone comes", async () => (taken = await TakeAsync(new(At(XotServer.Port)) { Tls = byPin })).Version is not null, Patience, TimeSpan.FromMilliseconds(200), () => $"{taken?.Round.Why}\n{primary.Process.Tail()}");
        Assert.Equal(7u, taken!.Version!.Soa!.Value.Serial);

        var byName = new TlsProof { Name = XotServer.Name, Ca = primary.Authority };
        Assert.Equal("", (await TakeAsync(new(At(XotServer.Port)) { Tls = byName })).Round.Why);
        Assert.Equal("", (await TakeAsync(new(At(XotServer.Port)) { Tls = byPin, Key = Name(XotServer.KeyName) })).Round.Why);
        Assert.Equal($"from 127.0.0.1@8853: the certificate is not for other.lab.test (CN={XotServer.Name})", (await TakeAsync(new(At(XotServer.Port)) { Tls = byName with { Name = "other.lab.test" } })).Round.Why);
        Assert.Equal("from 127.0.0.1@8853: no authority that the system trusts vouches for the certificate", (await TakeAsync(new(At(XotServer.Port)) { Tls = byName with { Ca = null } })).Round.Why);
        Assert.Equal($"from 127.0.0.1@8853: the certificate is of another key: pin sha256/{primary.Pin}", (await TakeAsync(new(At(XotServer.Port)) { Tls = new() { Pins = [TlsPin.Of(new byte[32])] } })).Round.Why);

        // The pin is what kdig takes.
        var (code, said) = await OopsDaemon.RunProgramAsync(Harness.Lab.Find("kdig")!, "-p", "8853", $"+tls-pin={primary.Pin}", "@127.0.0.1", "example", "axfr");
        Assert.True(code == 0 && said.Contains("SOA", StringComparison.Ordinal), said);

        (code, said) = await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "verify", "example", "--from", "127.0.0.1@1", "--from", "127.0.0.1@8853", "--tls-hostname", XotServer.Name, "--tls-ca", primary.Authority, "--keys", primary.Keys, "--key", XotServer.KeyName);
        Assert.True(code == 0, said);
        Assert.Contains("example serial 7: pass", said, StringComparison.Ordinal);
        Assert.Contains("oops: example from 127.0.0.1@1: connection refused", said, StringComparison.Ordinal);
        (code, said) = await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "verify", "example", "--from", "127.0.0.1@8853", "--tls-pin", $"{TlsPin.Of(new byte[32])}");
        Assert.Equal((2, $"oops: example from 127.0.0.1@8853: the certificate is of another key: pin sha256/{primary.Pin}"), (code, said));
    }

    [Fact]
    public async Task Plain_TCP_where_TLS_should_be_is_told()
    {
        LabRequires.Programs("knotd");
        await using var primary = new ZoneServer("knot", "example");
        await primary.StartAsync(ZoneText.Of("example", 7, new ZoneTimers()));
        await Wait.UntilAsync("the zone comes", async () => (await TakeAsync(new(At(ZoneServer.Port)))).Version is not null, Patience, TimeSpan.FromMilliseconds(200), () => primary.Process.Tail());
        var taken = await TakeAsync(new(At(ZoneServer.Port)) { Tls = new() { Pins = [TlsPin.Of(new byte[32])] } });
        Assert.Equal(TransferOutcome.Unreachable, taken.Round.Result.Outcome);
        Assert.StartsWith("from 127.0.0.1@5302: TLS: ", taken.Round.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("knot")]
    [InlineData("named")]
    public async Task Differences_of_a_real_server_give_what_all_of_it_gives_and_a_dead_primary_does_not_keep_them_away(string server)
    {
        LabRequires.Programs(ZoneServer.Programs(server));
        if (server == "named") LabRequires.Programs("rndc");
        await using var primary = CatalogPrimary.Of(server);
        primary.Members["a"] = "a.test";
        primary.Members["b"] = "b.test";
        await primary.StartAsync();
        var intake = new ZoneIntake(new Primaries([new(At(1)), new(At(CatalogPrimary.Port)) { Key = Name(CatalogPrimary.KeyName) }], [Key()], TimeProvider.System), new TransferLimits());
        ZoneTaken? first = null;
        await Wait.UntilAsync("the zone comes", async () => (first = await intake.RunAsync(ZoneVersion.Nothing(Name("cat.test")), Stop)).Version is not null, Patience, TimeSpan.FromMilliseconds(200), () => $"{first?.Round.Why}\n{primary.Process.Tail()}");

        primary.Members.Remove("a");
        primary.Members["c"] = "c.test";
        await primary.PublishAsync();
        primary.Members["d"] = "d.test";
        await primary.PublishAsync();
        ZoneTaken? next = null;
        await Wait.UntilAsync("the news come", async () => (next = await intake.RunAsync(first!.Version!, Stop)).Version?.Soa?.Serial == primary.Serial, Patience, TimeSpan.FromMilliseconds(200), () => $"{next?.Round.Why}\n{primary.Process.Tail()}");
        // BIND sends all of it where the differences are larger (max-ixfr-ratio), which they are here.
        Assert.Equal((server == "knot" ? TransferOutcome.Differences : TransferOutcome.Full, null), (next!.Round.Result.Outcome, next.Round.Result.Fallback));
        var all = await intake.RunAsync(ZoneVersion.Nothing(Name("cat.test")), Stop);
        Assert.Equal(TransferOutcome.Full, all.Round.Result.Outcome);
        Assert.Equal(Lines(all.Version!), Lines(next.Version!));
        Assert.NotEqual(Lines(first!.Version!), Lines(next.Version!));
        Assert.Contains("from 127.0.0.1@1: connection refused", first.Round.Why, StringComparison.Ordinal);
    }

    static IPEndPoint At(int port) => new(IPAddress.Loopback, port);

    static DnsName Name(string text) => DnsName.TryParse(text, out var name) ? name : throw new ArgumentException(text);

    static TsigKey Key() => new(Name(XotServer.KeyName), TsigAlgorithm.HmacSha256, Convert.FromBase64String(XotServer.Secret));

    static Task<ZoneTaken> TakeAsync(Primary primary) => new ZoneIntake(new Primaries([primary], [Key()], TimeProvider.System), new TransferLimits { Idle = TimeSpan.FromSeconds(5) }).RunAsync(ZoneVersion.Nothing(Name("example")), Stop);

    static List<string> Lines(ZoneVersion zone)
    {
        var lines = new List<string>();
        for (var cursor = zone.Names.From(0); !cursor.Current.IsNone; cursor.Next())
        {
            foreach (var rrset in cursor.Current.RRsets)
            {
                foreach (var data in rrset.Data)
                    lines.Add($"{NameKey.Read(cursor.Current.Key, zone.Apex)} {rrset.Ttl} {rrset.Type} {Convert.ToHexString(data)}");
            }
        }

        return lines;
    }
}
