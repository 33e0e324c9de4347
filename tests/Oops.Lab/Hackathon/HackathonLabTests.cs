using System.Diagnostics;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Hackathon;

/// <summary>examples/hackathon, its very files: BIND and ExaBGP, Knot DNS and BIRD, NSD and BIRD, each with an oops of its own, and the serial modulo 3 decides which of them announces.</summary>
public sealed class HackathonLabTests : IAsyncDisposable
{
    const string Other = "203.0.113.32/28";

    readonly Center center = new();
    readonly Site a = new('a');
    readonly Site b = new('b');
    readonly Site c = new('c');

    Site[] All => [a, b, c];

    public async ValueTask DisposeAsync()
    {
        foreach (Site site in All)
            await site.DisposeAsync();
        await center.DisposeAsync();
    }

    [Fact]
    public async Task The_serial_modulo_3_moves_the_announcement_and_who_starts_finds_it_without_an_update()
    {
        await StartServersAsync();
        // A router that starts announces nothing by itself, whatever the server has.
        Assert.True(await center.IsByAsync());
        await Task.WhenAll(All.Select(s => s.StartOopsAsync()));
        await ByAsync(a);
        await MoveAsync(301, b);
        await MoveAsync(302, c);
        // Ahead of time by the verifier, and plain once it is served.
        await Wait.UntilAsync("site C is not degraded", async () => !(await center.RoutesOfAsync(c.Name)).Contains("64503 64503", StringComparison.Ordinal), TimeSpan.FromSeconds(20), state: () => c.Oops.Tail(30));
        await MoveAsync(303, a);
        // The verifier's word came before the update was served: less wanted first, then gone.
        (_, string told) = await c.VerbAsync("history", "route/anycast");
        Assert.Contains("announced -> degraded", told, StringComparison.Ordinal);

        // No session went down, and nothing else was touched.
        foreach (Site site in (Site[])[b, c])
            Assert.Equal(0, center.Withdraws(site.Name, site == b ? Other : "203.0.113.48/28"));

        // oops dies and comes back, and is reloaded: nothing moves.
        int before = center.Withdraws(a.Name, Center.Prefix4);
        await a.Oops.EndAsync(LabProcess.KillNow);
        await a.StartOopsAsync();
        a.Oops.Signal(LabProcess.Hup);
        await Wait.StaysAsync("announced by site A", () => center.IsByAsync(a.Name), TimeSpan.FromSeconds(6), TimeSpan.FromMilliseconds(50));
        Assert.True(a.Oops.Running);
        Assert.Equal(before, center.Withdraws(a.Name, Center.Prefix4));
    }

    [Fact]
    public async Task A_new_serial_alone_makes_each_site_look()
    {
        // The check has looked once, and would look again in an hour.
        foreach (Site site in All)
            site.Edit = ("interval: 5s, on-update: true", "interval: 1h, on-update: true");
        await StartAllAsync();
        foreach ((uint serial, Site site) in ((uint, Site)[])[(301, b), (302, c), (303, a), (305, c), (307, b)])
        {
            var watch = Stopwatch.StartNew();
            await center.UpdateAsync(serial);
            await Wait.UntilAsync($"site {site.Name} announces", () => center.HasAsync(site.Name, Center.Prefix4), TimeSpan.FromSeconds(30), state: () => State(site));
            TestContext.Current.TestOutputHelper?.WriteLine($"{serial}: announced by {site.Name} {watch.ElapsedMilliseconds} ms after the primary has it");
            await ByAsync(site);
        }
    }

    [Fact]
    public async Task Who_announces_withdraws_when_its_server_crashes_or_stops_and_comes_back_with_it()
    {
        await StartAllAsync();
        uint serial = center.Serial;
        foreach (Site site in All)
        {
            if (site != a)
                await MoveAsync(++serial, site);
            site.Server.Signal(LabProcess.KillNow);
            await ByAsync();
            Assert.Contains("server-down of ns1 is met: ", await site.ExplainAsync(), StringComparison.Ordinal);
            await site.Server.EndAsync(0);
            await site.StartServerAsync();
            await ByAsync(site);

            if (site == a)
            {
                // As ExecStop= of its unit.
                (int code, string text) = await site.VerbAsync("drain", "--server", "ns1", "--until-started", "--wait", "--timeout", "30s");
                Assert.True(code == 0, text);
                Assert.True(await center.IsByAsync());
                Assert.NotNull(await site.SerialAsync());
                await site.Server.EndAsync();
            }
            else
            {
                // By D-Bus, and by sd_notify.
                await site.Server.EndAsync();
                await ByAsync();
                Assert.Contains("server-shutting-down", (await site.VerbAsync("history", "route/anycast")).Text, StringComparison.Ordinal);
            }

            await site.StartServerAsync();
            await ByAsync(site);
        }
    }

    [Fact]
    public async Task A_zone_that_expires_at_the_site_that_announces_withdraws_there()
    {
        await StartAllAsync();
        await MoveAsync(301, b);
        await center.TrustAsync("site-b", trusted: false);
        await ByAsync();
        Assert.Contains("expired, first hackathon.example", await b.ExplainAsync(), StringComparison.Ordinal);
        await center.TrustAsync("site-b", trusted: true);
        await ByAsync(b);
    }

    [Fact]
    public async Task A_command_that_fails_moves_nothing_and_says_so()
    {
        // What refuses an update, or only takes its time under load, is not to end as a zone that expired.
        center.Expire = 300;
        await StartAllAsync();

        // The check of the site that announces is missing, and it stays: also when the turn is another's.
        File.Move(a.Host.At("/etc/oops/my-turn"), a.Host.At("/etc/oops/not-there"));
        await Wait.UntilAsync("oops says so", async () => (await a.VerbAsync("status")).Text.Contains("No such file", StringComparison.Ordinal), TimeSpan.FromSeconds(20), state: () => a.Oops.Tail(30));
        await center.UpdateAsync(301);
        await center.AnnouncedByAsync(() => State(a, b), a.Name, b.Name);
        Assert.Contains("kept", await a.ExplainAsync(), StringComparison.Ordinal);
        await Wait.StaysAsync("announced by A and B", () => center.IsByAsync(a.Name, b.Name), TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(50));
        File.Move(a.Host.At("/etc/oops/not-there"), a.Host.At("/etc/oops/my-turn"));
        await ByAsync(b);

        // NSD's verifier cannot see the serial: NSD does not serve the update, so it is not the turn of site C. With dig it is.
        string broken = c.Host.At(Site.First + "/dig");
        await File.WriteAllTextAsync(broken, "#!/bin/sh\nexit 1\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(broken, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await center.UpdateAsync(302);
        await Wait.UntilAsync("the verifier refuses it", () => c.Server.Tail(100).Contains("verify-turn: no serial of hackathon.example: refused", StringComparison.Ordinal), TimeSpan.FromSeconds(20), state: () => c.Server.Tail(30));
        await ByAsync();
        Assert.Equal("301", await c.SerialAsync());
        File.Delete(broken);
        await ByAsync(c);
    }

    [Fact]
    public async Task A_word_without_the_key_is_refused_and_one_about_what_is_not_served_never_withdraws()
    {
        await StartAllAsync();
        (_, string answer) = await a.Host.RunAsync("dig", "+opcode=NOTIFY", "+norecurse", "+time=2", "+tries=1", "-p", "5353", "@127.0.0.1", Center.Zone, "SOA");
        Assert.Contains("REFUSED", answer, StringComparison.Ordinal);

        await MoveAsync(302, c);
        (int code, string text) = await c.VerbAsync("signal", "leaving", "ns1", "met", "serial=303", "--valid-for", "6s");
        Assert.True(code == 0, text);
        await Wait.UntilAsync("site C is degraded", async () => (await center.RoutesOfAsync(c.Name)).Contains("64503 64503", StringComparison.Ordinal), state: () => c.Oops.Tail(30));
        Assert.True(await center.IsByAsync(c.Name));
        // The update never comes: the word ends, and what is served is as it was.
        await Wait.UntilAsync("site C is plain again", async () => !(await center.RoutesOfAsync(c.Name)).Contains("64503 64503", StringComparison.Ordinal), TimeSpan.FromSeconds(20), state: () => c.Oops.Tail(30));
        Assert.Equal(0, center.Withdraws(c.Name, Center.Prefix4));
    }

    async Task StartServersAsync()
    {
        LabRequires.Programs("named", "exabgp", "exabgpcli", "knotd", "knotc", "nsd", "bird", "birdc", "dbus-daemon", "dig");
        await center.StartAsync();
        await Task.WhenAll(All.Select(async s =>
        {
            await s.StartAsync(center);
            await s.StartServerAsync();
        }));
    }

    async Task StartAllAsync()
    {
        await StartServersAsync();
        await Task.WhenAll(All.Select(s => s.StartOopsAsync()));
        await ByAsync(a);
    }

    async Task MoveAsync(uint serial, Site to)
    {
        await center.UpdateAsync(serial);
        await ByAsync(to);
    }

    Task ByAsync(params Site[] sites) => center.AnnouncedByAsync(() => State(All), [.. sites.Select(s => s.Name)]);

    static string State(params Site[] sites) => string.Join('\n', sites.Select(s => s.Oops.Tail(12) + "\n" + s.Server.Tail(5) + "\n" + s.Router.Tail(5)));
}
