using Oops.Lab.Harness;
using Oops.Lab.Zones;
using Oops.Sources.Knot.Gate;
using Xunit;

namespace Oops.Lab.Knot;

/// <summary>The gate at a real knotd. Debian 12 has 3.2, which cannot wait for a verdict: there these are skipped. Debian 12 has none that new: run them with `-explicit only` where PATH has one.</summary>
public sealed class KnotGateServerLabTests : IAsyncDisposable
{
    static readonly Signing Signing = new("P-256 NSEC3", "ECDSAP256SHA256", "-n");

    readonly DbusDaemon bus = new();
    LabProcess? knotd;
    string folder = "";

    string Control => Path.Combine(folder, "knot.sock");

    public async ValueTask DisposeAsync()
    {
        if (knotd is not null) await knotd.DisposeAsync();
        await bus.DisposeAsync();
    }

    [Fact(Explicit = true)]
    public async Task The_first_version_is_let_in_a_bad_one_is_kept_out_and_the_next_good_one_let_in()
    {
        await StartAsync(7);
        await using var gate = new RunningGate(Options);
        Assert.Equal("example serial 7: let in: 0 errors", await gate.NextAsync());
        await SerialAsync("7");

        var bad = (await SignedFile.MakeAsync(Signing, 8)).ToList();
        Mutation.All.Single(m => m.Name == "signature-touched-AAAA").Apply(bad);
        await ReloadAsync(bad);
        Assert.Equal("example serial 8: kept out: 1 errors", await gate.NextAsync());
        await SerialAsync("7");

        await ReloadAsync(await SignedFile.MakeAsync(Signing, 9));
        Assert.Equal("example serial 9: let in: 0 errors", await gate.NextAsync());
        await SerialAsync("9");
    }

    [Fact(Explicit = true)]
    public async Task What_knotd_has_given_up_is_not_answered_and_what_waits_then_is_judged_anew()
    {
        await StartAsync(7);
        var first = new TaskCompletionSource<GateVerdict>();
        await using var gate = new RunningGate(Options, (_, serial, _) => serial == 8 ? first.Task : Task.FromResult(GateVerdict.Pass("good")));
        Assert.Equal("example serial 7: let in: good", await gate.NextAsync());
        await ReloadAsync(await SignedFile.MakeAsync(Signing, 8));
        await Wait.UntilAsync("8 is being judged", () => gate.Gate.Waiting == 1);
        await Wait.UntilAsync("knotd's time is over", () => knotd!.Tail(50).Contains("external validation failed", StringComparison.Ordinal), TimeSpan.FromSeconds(20), state: () => knotd!.Tail());
        await ReloadAsync(await SignedFile.MakeAsync(Signing, 9));
        // The signal of 9 ends what was done about 8.
        string[] lines = [await gate.NextAsync(), await gate.NextAsync()];
        Assert.Equal(["example serial 8: another version waits in its place", "example serial 9: let in: good"], lines.Order(StringComparer.Ordinal));
        first.SetResult(GateVerdict.Pass("late"));
        await SerialAsync("9");
    }

    [Fact(Explicit = true)]
    public async Task A_knotd_that_is_killed_while_it_waits_asks_again_when_it_is_back()
    {
        await StartAsync(7);
        var first = new TaskCompletionSource<GateVerdict>();
        var asked = 0;
        await using var gate = new RunningGate(Options, (_, _, _) => Interlocked.Increment(ref asked) == 1 ? first.Task : Task.FromResult(GateVerdict.Pass("good")));
        await Wait.UntilAsync("7 is being judged", () => gate.Gate.Waiting == 1, TimeSpan.FromSeconds(20));
        await knotd!.EndAsync(LabProcess.KillNow);
        await LaunchAsync();
        // Another process: what was found out about the version of the one before does not count for its.
        string[] lines = [await gate.NextAsync(), await gate.NextAsync()];
        Assert.Equal(["example serial 7: another version waits in its place", "example serial 7: let in: good"], lines.Order(StringComparer.Ordinal));
        first.SetResult(GateVerdict.Fail("late"));
        await SerialAsync("7");
    }

    KnotGateOptions Options => new() { Control = Control, Bus = bus.Address, NewZone = DumpPath.Parse(folder + "/new/%s.zone", out _), Interval = TimeSpan.FromHours(1) };

    async Task StartAsync(uint serial)
    {
        LabRequires.Programs("dbus-daemon", "knotd", "knotc", "ldns-keygen", "ldns-signzone");
        var (_, version) = await OopsDaemon.RunProgramAsync(Harness.Lab.Find("knotd")!, "-V");
        if (!Version.TryParse(version.Trim().Split(' ')[^1], out var number) || number < new Version(3, 5)) Assert.Skip($"{version.Trim()} has no external validation (3.5.0)");
        folder = Harness.Lab.FreshDirectory("gated-knot");
        Directory.CreateDirectory(Path.Combine(folder, "db"));
        await bus.StartAsync();
        await File.WriteAllLinesAsync(Path.Combine(folder, "zone"), await SignedFile.MakeAsync(Signing, serial));
        await File.WriteAllTextAsync(Path.Combine(folder, "knot.conf"), $"""
            server:
                rundir: "{folder}"
                listen: 127.0.0.1@5305
                dbus-event: [ external-verify ]
            log:
              - target: stderr
                any: info
            database:
                storage: "{folder}/db"
            control:
                listen: "{Control}"
            external:
              - id: gate
                timeout: 4
                dump-new-zone: "{folder}/new/%s.zone"
            zone:
              - domain: example
                file: "{folder}/zone"
                zonefile-sync: -1
                external-validation: gate

            """);
        await LaunchAsync();
    }

    async Task LaunchAsync()
    {
        File.Delete(Control);
        knotd = LabProcess.Start(Path.Combine(folder, "log"), Side.Node, new Dictionary<string, string> { ["DBUS_SYSTEM_BUS_ADDRESS"] = bus.Address }, "knotd", "-c", Path.Combine(folder, "knot.conf"));
        await Wait.UntilAsync("knotd has a control socket", () => File.Exists(Control), TimeSpan.FromSeconds(20), state: () => knotd.Tail());
    }

    async Task ReloadAsync(IEnumerable<string> lines)
    {
        await File.WriteAllLinesAsync(Path.Combine(folder, "zone"), lines);
        await Knotd.KnotcAsync(Control, Side.Node, "zone-reload", "example");
    }

    Task SerialAsync(string serial) => Wait.UntilAsync($"knotd serves {serial}", async () => (await Knotd.KnotcAsync(Control, Side.Node, "zone-read", "example", "@", "SOA")).Contains($" {serial} 7200 ", StringComparison.Ordinal), TimeSpan.FromSeconds(20), TimeSpan.FromMilliseconds(200), () => knotd!.Tail());
}
