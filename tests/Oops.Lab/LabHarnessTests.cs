using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab;

public sealed class LabHarnessTests
{
    [Fact]
    public async Task A_static_route_reaches_the_upstreams_table_and_leaves_it()
    {
        LabRequires.Programs("bird");
        await using var upstream = new UpstreamBird();
        await using var bird = new Bird { Extra = $"protocol static other_one {{ disabled; ipv4; route {Harness.Lab.Prefix4} blackhole; }}" };
        await upstream.StartAsync();
        await bird.StartAsync();
        Assert.Empty(await upstream.TableAsync());
        await bird.AskAsync("enable other_one");
        await upstream.HasAsync(Harness.Lab.Prefix4, r => r.Path is [Harness.Lab.NodeAs]);
        Assert.Equal((1, 0), (upstream.Updates(Harness.Lab.Prefix4), upstream.Withdraws(Harness.Lab.Prefix4)));
        await bird.AskAsync("disable other_one");
        await upstream.LacksAsync(Harness.Lab.Prefix4);
        Assert.Equal(1, upstream.Withdraws(Harness.Lab.Prefix4));
    }

    [Fact]
    public async Task A_zone_expires_at_the_secondary_and_not_at_the_primary_when_the_primary_drops_our_key()
    {
        LabRequires.Programs("knotd", "knotc", "kdig");
        await using var primary = new PrimaryKnotd(["one.test", "two.test"]);
        await primary.StartAsync();
        await using var knot = new Knotd { Secondary = ["one.test", "two.test"] };
        await knot.StartAsync();
        await Wait.UntilAsync("both zones are transferred", async () => await SerialAsync(knot, "one.test") == "100" && await SerialAsync(knot, "two.test") == "100", state: () => knot.Process.Tail());

        await primary.UpdateAsync("one.test");
        await Wait.UntilAsync("the update arrives", async () => await SerialAsync(knot, "one.test") == "101", state: () => knot.Process.Tail());

        await primary.DropKeyAsync("one.test");
        await Wait.UntilAsync("one.test expires", async () => await SerialAsync(knot, "one.test") == "-", TimeSpan.FromSeconds(20), state: () => knot.Process.Tail());
        Assert.Equal("100", await SerialAsync(knot, "two.test"));

        await primary.RestoreKeyAsync("one.test");
        await primary.NotifyAsync("one.test");
        await Wait.UntilAsync("one.test is back", async () => await SerialAsync(knot, "one.test") == "101", state: () => knot.Process.Tail());
    }

    [Fact]
    public async Task The_bus_ends_without_taking_knotd_along()
    {
        LabRequires.Programs("knotd", "knotc", "dbus-daemon");
        await using var bus = new DbusDaemon();
        await bus.StartAsync();
        await using var knot = new Knotd { Files = ["one.test"], BusAddress = bus.Address };
        await knot.StartAsync();
        Assert.Equal("100", await SerialAsync(knot, "one.test"));
        await bus.Process.EndAsync();
        Assert.True(knot.Process.Running);
        Assert.Equal(knot.Process.Pid, int.Parse(await File.ReadAllTextAsync(knot.PidFile)));
        Assert.Equal("100", await SerialAsync(knot, "one.test"));
    }

    [Theory]
    [InlineData("/var/lib", true)]
    [InlineData("/var/lib", false)]
    [InlineData("/etc", true)]
    [InlineData("/etc", false)]
    public async Task An_oops_that_is_installed_here_is_neither_seen_nor_written_to_and_none_is_left_behind(string parent, bool installed)
    {
        LabRequires.Programs("unshare", "mount");
        // A machine that has one or not, made here, and the lab on it. As in a container, a file there is a mount.
        string[] machine = [$"mount -t tmpfs none {parent}", $"touch {parent}/bound", $"mount --bind /proc/version {parent}/bound", installed ? $"mkdir {parent}/oops; touch {parent}/oops/theirs" : ":"];
        string inLab = $"ls -A {parent}/oops; touch {parent}/oops/ours; cmp /proc/version {parent}/bound; echo written";
        (int code, string text) = await OopsDaemon.RunProgramAsync("unshare", "-m", "sh", "-ec",
            $"{string.Join("; ", machine)}; {Path.Combine(Harness.Lab.Repository!, "tests/lab.sh")} sh -ec '{inLab}'; ls -A {parent} {parent}/oops 2>&1 || true");
        Assert.True(code == 0, text);
        Assert.Equal(installed ? $"written\n{parent}:\nbound\noops\n\n{parent}/oops:\ntheirs" : $"written\nls: cannot access '{parent}/oops': No such file or directory\n{parent}:\nbound", text);
    }

    [Theory]
    [InlineData(LabProcess.Term, 143)]
    [InlineData(LabProcess.KillNow, 137)]
    public async Task A_lab_can_be_joined_and_ends_with_its_script(int signal, int code)
    {
        LabRequires.Programs();
        string script = Path.Combine(Harness.Lab.Repository!, "tests/lab.sh");
        await using var inner = LabProcess.Start(Path.Combine(Harness.Lab.FreshDirectory("inner"), "inner.log"), script, "sh", "-c", "echo the pid is $OOPS_LAB_PID; echo $$ > /run/lab/here; exec sleep 1000");
        await Wait.UntilAsync("the inner lab runs", async () => (await JoinAsync("cat", "/run/lab/here")).Code == 0, state: () => inner.Tail());
        Assert.Contains($"the pid is {inner.Pid}", inner.Tail(), StringComparison.Ordinal);
        Assert.Equal("sleep", (await JoinAsync("sh", "-c", "cat /proc/$(cat /run/lab/here)/comm")).Text);
        // A child of process 1 there that no longer has a parent.
        string seconds = "100" + inner.Pid;
        Assert.Equal(0, (await JoinAsync("sh", "-c", $"setsid sleep {seconds} >/dev/null 2>&1 </dev/null &")).Code);
        await Wait.UntilAsync("the orphan runs", () => Running(seconds));

        await inner.EndAsync(signal, TimeSpan.FromSeconds(10));
        Assert.Equal(code, inner.ExitCode);
        await Wait.UntilAsync("the orphan is gone", () => !Running(seconds));
        (int gone, string why) = await JoinAsync("true");
        Assert.Equal((1, $"lab: {inner.Pid} is no running lab.sh"), (gone, why));

        Task<(int Code, string Text)> JoinAsync(params string[] command) => OopsDaemon.RunProgramAsync([script, "--join", $"{inner.Pid}", .. command]);
    }

    /// <summary>Whether `sleep SECONDS` runs in our process namespace or in one below it.</summary>
    static bool Running(string seconds)
    {
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(d => char.IsDigit(Path.GetFileName(d)[0])))
        {
            try
            {
                if (File.ReadAllText(Path.Combine(process, "cmdline")) == $"sleep\0{seconds}\0")
                    return true;
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }
        return false;
    }

    /// <summary>"serial: 100" of `knotc zone-status`; "-" is a zone without data.</summary>
    static async Task<string> SerialAsync(Knotd knot, string zone)
    {
        string text = await knot.KnotcAsync("zone-status", zone, "+serial");
        return text.Split("serial:")[1].Trim();
    }
}
