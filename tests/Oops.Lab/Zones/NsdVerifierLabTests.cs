using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Zones;

/// <summary>`oops verify` as the verifier of a real NSD, which asks it before it serves what it has transferred.</summary>
public sealed class NsdVerifierLabTests
{
    const int Port = 5303;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("yes", "-")]
    [InlineData("yes", "")]
    [InlineData("no", "")]
    [InlineData("no", "--daemon")]
    [InlineData("yes", "--daemon")]
    public async Task A_bad_version_is_kept_out_and_the_next_good_one_is_let_in(string fed, string argument)
    {
        LabRequires.Programs("nsd", "nsd-control", "knotd", "dig", "ldns-keygen", "ldns-signzone");
        var signing = new Signing("P-256 NSEC3 ZONEMD", "ECDSAP256SHA256", "-n", "-z", "simple:sha384");
        await using var primary = new ZoneServer("knot", SignedFile.Zone);
        await primary.StartAsync(Text(await SignedFile.MakeAsync(signing)));

        await using var oops = new OopsDaemon();
        if (argument == "--daemon")
        {
            await oops.StartAsync(Daemon);
            argument += $" --socket {oops.ControlSocket} --within 20s --otherwise fail";
        }

        var folder = Harness.Lab.FreshDirectory("nsd-verifier");
        await File.WriteAllTextAsync(Path.Combine(folder, "nsd.conf"), Config(folder, fed, argument));
        await using var nsd = Start(folder, OopsDaemon.Binary!);
        await Wait.UntilAsync("the good version is let in", async () => await SerialAsync(Port) == "7", Patience, TimeSpan.FromMilliseconds(200), () => nsd.Tail(30));

        var bad = (await SignedFile.MakeAsync(signing, 8)).ToList();
        Mutation.All.Single(m => m.Name == "signature-touched-AAAA").Apply(bad);
        await ServeAsync(primary, bad, "8", folder);
        await Wait.UntilAsync("the verifier has said why", () => nsd.Tail(200).Contains("signature-bogus", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200), () => nsd.Tail(30));
        Assert.Contains("example serial 8: FAIL, 2 errors", nsd.Tail(200), StringComparison.Ordinal);
        Assert.Contains("zonemd-mismatch", nsd.Tail(200), StringComparison.Ordinal);
        Assert.Equal("7", await SerialAsync(Port));
        if (argument.Contains("--daemon", StringComparison.Ordinal))
        {
            Assert.DoesNotContain("counts as", nsd.Tail(200), StringComparison.Ordinal);
            await Wait.UntilAsync("the daemon says what was kept out", async () => (await oops.RunAsync("explain", $"condition/zone-invalid/ns1/{SignedFile.Zone}")).Text is var text && text.Contains("serial 7", StringComparison.Ordinal) && text.Contains("was kept out", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200), () => oops.Process.Tail());
        }

        await ServeAsync(primary, await SignedFile.MakeAsync(signing, 9), "9", folder);
        await Wait.UntilAsync("the next good version is let in", async () => await SerialAsync(Port) == "9", Patience, TimeSpan.FromMilliseconds(200), () => nsd.Tail(30));
        Assert.DoesNotContain("example serial 9: FAIL", nsd.Tail(200), StringComparison.Ordinal);
        if (!argument.Contains("--daemon", StringComparison.Ordinal))
            return;
        // Nobody tells of the serial, and the interval is an hour: the verdict counts because it was let in.
        await Wait.UntilAsync("the daemon says what is served", async () => (await oops.RunAsync("explain", $"condition/zone-invalid/ns1/{SignedFile.Zone}")).Text is var text && text.Contains("serial 9", StringComparison.Ordinal), TimeSpan.FromSeconds(15), TimeSpan.FromMilliseconds(200), () => oops.Process.Tail());
        var (_, history) = await oops.RunAsync("history", $"zone/ns1/{SignedFile.Zone}");
        Assert.Matches(@"kept out.*serial 8: signature-bogus at mail\.example AAAA", history);
        Assert.Matches("let in.*serial 9", history);
    }

    /// <summary>NSD takes a verifier that ends by a signal for one that has nothing against the version.</summary>
    [Fact]
    public async Task A_version_whose_verifier_is_killed_is_kept_out()
    {
        LabRequires.Programs("nsd", "nsd-control", "knotd", "dig", "ldns-keygen", "ldns-signzone");
        var signing = new Signing("P-256 NSEC3 ZONEMD", "ECDSAP256SHA256", "-n", "-z", "simple:sha384");
        await using var primary = new ZoneServer("knot", SignedFile.Zone);
        await primary.StartAsync(Text(await SignedFile.MakeAsync(signing)));
        var folder = Harness.Lab.FreshDirectory("nsd-killed");
        var (program, killed) = (Path.Combine(folder, "oops"), Path.Combine(folder, "killed"));
        await File.WriteAllTextAsync(program, $"#!/bin/sh\ntest -e {killed} && kill -9 $$\nexec {OopsDaemon.Binary} \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync(Path.Combine(folder, "nsd.conf"), Config(folder, "yes", "-"));
        await using var nsd = Start(folder, program);
        await Wait.UntilAsync("the good version is let in", async () => await SerialAsync(Port) == "7", Patience, TimeSpan.FromMilliseconds(200), () => nsd.Tail(30));
        await File.WriteAllTextAsync(killed, "");
        await ServeAsync(primary, await SignedFile.MakeAsync(signing, 8), "8", folder);
        await Wait.UntilAsync("the verifier was killed, and that was an exit code", () => nsd.Tail(200).Contains("exited with 1", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200), () => nsd.Tail(30));
        Assert.Equal("7", await SerialAsync(Port));
        File.Delete(killed);
        await ServeAsync(primary, await SignedFile.MakeAsync(signing, 9), "9", folder);
        await Wait.UntilAsync("the next version is let in", async () => await SerialAsync(Port) == "9", Patience, TimeSpan.FromMilliseconds(200), () => nsd.Tail(30));
    }

    static LabProcess Start(string folder, string oops) =>
        LabProcess.Start(Path.Combine(folder, "log"), Side.Node, new Dictionary<string, string> { ["OOPS"] = oops }, ["nsd", "-d", "-c", Path.Combine(folder, "nsd.conf")]);

    const string Daemon = $$"""
        mode: observe
        limits: { wall-clock: trusted }
        servers:
          ns1: { kind: nsd, address: 127.0.0.1@5303, zones: { list: [{{SignedFile.Zone}}] } }
        sources:
          verify: [ { server: ns1, require: [dnssec, zonemd] } ]
        """;

    static string Text(IEnumerable<string> lines) => string.Join('\n', lines) + "\n";

    static async Task ServeAsync(ZoneServer primary, IEnumerable<string> lines, string serial, string folder)
    {
        await primary.Process.EndAsync();
        await primary.StartAsync(Text(lines));
        await Wait.UntilAsync("the primary serves it", async () => await SerialAsync(ZoneServer.Port) == serial, Patience, TimeSpan.FromMilliseconds(200), () => primary.Process.Tail());
        await OopsDaemon.DoProgramAsync(Harness.Lab.Find("nsd-control")!, "-c", Path.Combine(folder, "nsd.conf"), "transfer", SignedFile.Zone);
    }

    static async Task<string> SerialAsync(int port)
    {
        var (_, said) = await OopsDaemon.RunProgramAsync(Harness.Lab.Find("dig")!, "+short", "+time=2", "+tries=1", "-p", $"{port}", "@127.0.0.1", SignedFile.Zone, "SOA");
        return said.Split(' ') is { Length: > 6 } fields ? fields[2] : said;
    }

    static string Config(string folder, string fed, string argument) => $"""
        {Harness.Nsd.Head(folder, folder + "/nsd.ctl", $"ip-address: 127.0.0.1@{Port}", "xfrd-reload-timeout: 0")}
        verify:
          enable: yes
          verify-zones: no
          ip-address: 127.0.0.1
          port: 5304
          verifier-feed-zone: {fed}
          verifier-timeout: 30
        zone:
          name: {SignedFile.Zone}
          verify-zone: yes
          verifier: {Path.Combine(Harness.Lab.Repository!, "packaging/nsd-verify")} --require dnssec --require zonemd {argument}
          zonefile: "{folder}/{SignedFile.Zone}.zone"
          request-xfr: AXFR 127.0.0.1@{ZoneServer.Port} NOKEY
          allow-notify: 127.0.0.1 NOKEY
          provide-xfr: 127.0.0.1 NOKEY

        """;
}
