using System.Net;
using Oops.Actions.Exec;
using Oops.Core;
using Oops.Keys;
using Oops.Native;
using Oops.Tests.Keys;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Actions.Exec;

public sealed class ExecActionTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static ReactionIntent Zone(string zone = "example.net", uint? serial = 2026112001, string? source = "192.0.2.1") => new("tell-ops", 7, "zone-updated of example.net: serial 2026112001")
    {
        Rule = 2,
        Condition = "zone-updated",
        Server = "ns1",
        Zone = zone,
        State = State.Met,
        Serial = serial,
        PreviousSerial = 2026112000,
        Source = source is null ? null : IPAddress.Parse(source),
        Channel = "notify/ns1",
    };

    static ReactionIntent Server() => new("tell-ops", 8, "server-down of ns1: signal 9\u001b[2J") { Rule = 1, Condition = "server-down", Server = "ns1", State = State.NotMet };

    ExecAction Shell(string script, int timeoutMs = 20_000, int killAfterMs = 5_000, string[]? environment = null) => Action(
        ["/bin/sh", "-c", script, "sh"], timeoutMs, killAfterMs, environment);

    ExecAction Action(string[] command, int timeoutMs = 20_000, int killAfterMs = 5_000, string[]? environment = null) => new(
        new ExecConfig
        {
            Name = "tell-ops",
            Command = command,
            Timeout = TimeSpan.FromMilliseconds(timeoutMs),
            KillAfter = TimeSpan.FromMilliseconds(killAfterMs),
            Folder = folder.Path,
            Environment = environment ?? [],
        },
        "ams1",
        new Children(TimeProvider.System));

    static async Task<string?> Detail(ExecAction action, ReactionIntent intent) => Assert.IsType<Done>(await action.ApplyAsync(intent, TestContext.Current.CancellationToken)).Detail;

    static async Task<string> Why(ExecAction action, ReactionIntent? intent = null) => Assert.IsType<Retry>(await action.ApplyAsync(intent ?? Zone(), TestContext.Current.CancellationToken)).Why;

    async Task StoreAsync(ZoneLook look)
    {
        using var store = new KeyStore(folder.Path, TimeProvider.System);
        await store.OpenAsync(TestContext.Current.CancellationToken);
        await store.WriteAsync(new("ns1", "example.net", new ZoneKeys().Take(look, out _)), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_unsigned_zone_has_nothing_to_submit_and_the_command_does_not_run()
    {
        await StoreAsync(Made.Look(Made.Start, new KeySet()));
        var outcome = await Reading("touch run").ApplyAsync(Zone(), TestContext.Current.CancellationToken);
        Assert.Equal("example.net at ns1 has no KSK of which a DS is made, so there is nothing to submit", Assert.IsType<Failed>(outcome).Why);
        Assert.False(File.Exists(folder.File("run")));
    }

    [Fact]
    public async Task While_the_addresses_have_other_keys_it_waits()
    {
        await StoreAsync(Made.Look(Made.Start, ds: null, Made.Set(Made.Key("a")), Made.Set(Made.Key("b"))));
        Assert.StartsWith("example.net at ns1: 192.0.2.1 and 192.0.2.2 do not serve the same KSKs yet", await Why(Reading("echo ran"), Zone()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_keys_of_the_zone_are_its_standard_input()
    {
        await StoreAsync(Made.Look(Made.Start, Made.Set(Made.Key("a"), Made.Zsk("z"))));
        var action = Reading("cut -d' ' -f1-4");
        Assert.Equal("example.net. 3600 IN DNSKEY\nexample.net. 3600 IN DS", await Detail(action, Zone()));
        // One that does not read ends all the same.
        Assert.Equal("done", await Detail(Reading("echo done"), Zone()));
    }

    [Fact]
    public async Task Without_keys_of_the_zone_it_does_not_run() =>
        Assert.Equal("no keys are known of example.net at ns1: does a source keys watch it?", await Why(Reading("echo ran")));

    [Fact]
    public async Task Without_any_wish_its_standard_input_is_empty() => Assert.Equal("0", await Detail(Shell("wc -c"), Zone()));

    ExecAction Reading(string script) => new(new ExecConfig { Name = "tell-ops", Command = ["/bin/sh", "-c", script, "sh"], Folder = folder.Path }, "ams1", new Children(TimeProvider.System)) { Keys = new(Path.Combine(folder.Path, KeyStore.FileName), TimeProvider.System) };

    [Fact]
    public async Task A_zones_change_gives_zone_serial_and_source() =>
        Assert.Equal("example.net|2026112001|192.0.2.1|", await Detail(Shell("printf '%s|' \"$@\""), Zone()));

    [Fact]
    public async Task An_unknown_source_is_left_out_and_an_unknown_serial_is_a_dash() =>
        Assert.Equal("example.net|-|", await Detail(Shell("printf '%s|' \"$@\""), Zone(serial: null, source: null)));

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("2001:0DB8:0::1", "2001:db8::1")]
    public async Task The_source_is_an_address_in_its_canonical_form(string source, string given) =>
        Assert.Equal($"{given}|{given}|", await Detail(Shell("printf '%s|' \"$3\" \"$OOPS_SOURCE\""), Zone(source: source)));

    [Fact]
    public async Task A_servers_change_gives_two_dashes_and_the_server() =>
        Assert.Equal("-|-|ns1|", await Detail(Shell("printf '%s|' \"$@\""), Server()));

    [Fact]
    public async Task The_environment_tells_all_and_hands_on_nothing_of_systemd()
    {
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", "/run/none");
        Assert.Equal("set", await Detail(Shell("[ -z \"$NOTIFY_SOCKET\" ] && [ -n \"$PATH\" ] && echo $OWN", environment: ["OWN=set"]), Zone()));
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
        Assert.Equal(
            "tell-ops zone-updated met ns1 example.net 2026112001 2026112000 192.0.2.1 notify/ns1 2 7 ams1",
            await Detail(Shell("echo $OOPS_ACTION $OOPS_CONDITION $OOPS_STATE $OOPS_SERVER $OOPS_ZONE $OOPS_SERIAL $OOPS_PREVIOUS_SERIAL $OOPS_SOURCE $OOPS_CHANNEL $OOPS_RULE $OOPS_SEQUENCE $OOPS_SITE"), Zone()));
        Assert.Equal(@"not-met unset server-down of ns1: signal 9\x1b[2J", await Detail(Shell("echo $OOPS_STATE ${OOPS_ZONE-unset} \"$OOPS_BECAUSE\""), Server()));
    }

    [Fact]
    public async Task It_runs_in_its_folder() => Assert.Equal(folder.Path, await Detail(Shell("pwd"), Zone()));

    [Fact]
    public async Task A_silent_good_command_is_just_done() => Assert.Null(await Detail(Action(["/bin/true"]), Zone()));

    [Fact]
    public async Task A_bad_exit_is_tried_again_and_says_why_in_the_commands_own_last_words() =>
        Assert.Equal("exit code 4: b\nc\nd", await Why(Shell("echo out; for i in a b c d; do echo $i >&2; done; exit 4")));

    [Fact]
    public async Task A_command_without_errors_is_quoted_by_its_output() => Assert.Equal("exit code 1: no route to host", await Why(Shell("echo no route to host; exit 1")));

    [Fact]
    public async Task A_command_that_dies_of_a_signal_is_tried_again() => Assert.Equal("killed by SIGKILL", await Why(Shell("kill -9 $$")));

    [Fact]
    public async Task A_missing_command_is_tried_again() => Assert.Equal($"cannot start /none/such in {folder.Path}: No such file or directory", await Why(Action(["/none/such"])));

    [Fact]
    public async Task The_timeout_ends_it_with_all_that_it_started_though_they_ignore_TERM()
    {
        var why = await Why(Shell("trap '' TERM; sleep 60 & echo $! > pid; wait; sleep 60", timeoutMs: 400, killAfterMs: 100));
        Assert.Equal("timed out after 0.4 s (killed by SIGKILL)", why);
        var pid = int.Parse(await File.ReadAllTextAsync(folder.File("pid"), TestContext.Current.CancellationToken));
        for (var i = 0; i < 200 && Proc.TryReadStat(pid, out var s) && !s.IsDead; i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        Assert.False(Proc.TryReadStat(pid, out var left) && !left.IsDead);
    }

    [Fact]
    public async Task A_flood_of_output_stays_small_and_shows_no_control_characters()
    {
        var why = await Why(Shell("head -c 3000000 /dev/zero | tr '\\0' 'x'; printf '\\n\\033]0;title\\007\\n'; exit 1"));
        Assert.Equal("exit code 1: " + new string('x', 512) + "...\n" + @"\x1b]0;title\x07", why);
    }

    [Fact]
    public async Task The_stop_ends_it()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = Shell("touch begun; sleep 60").ApplyAsync(Zone(), stop.Token);
        for (var i = 0; i < 6000 && !File.Exists(folder.File("begun")); i++) await Task.Delay(10, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        Assert.Equal("ended because we stop (killed by SIGTERM)", Assert.IsType<Retry>(await running).Why);
    }

    [Fact]
    public async Task A_name_that_is_no_zone_is_never_run()
    {
        var outcome = await Shell("touch run").ApplyAsync(Zone("../\u001betc"), TestContext.Current.CancellationToken);
        Assert.Equal(@"not a zone name: ../\x1betc", Assert.IsType<Failed>(outcome).Why);
        Assert.False(File.Exists(folder.File("run")));
    }

    [Fact]
    public async Task It_carries_no_routes() =>
        Assert.IsType<Failed>(await Action(["/bin/true"]).ApplyAsync(new RouterIntent("tell-ops", 1, "", []), TestContext.Current.CancellationToken));

    [Fact]
    public async Task Nothing_is_read_back() => Assert.Null(await Action(["/bin/true"]).ReadAsync(null, TestContext.Current.CancellationToken));
}
