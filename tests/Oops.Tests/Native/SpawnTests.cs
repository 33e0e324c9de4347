using System.Text;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class SpawnTests
{
    static string Output(string[] argv, Dictionary<string, string>? environment = null, string? folder = null)
    {
        Assert.True(Spawn.TryStart(new SpawnOptions { Argv = argv, Environment = environment ?? [], Folder = folder }, out var child, out var why), why);
        using (child)
        {
            using var epoll = new Epoll();
            epoll.Add(child!.Output, EpollEvents.In, 1);
            var text = new StringBuilder();
            var buffer = new byte[64 * 1024];
            while (true)
            {
                Assert.Equal(1, epoll.Wait(new EpollReady[1], TimeSpan.FromSeconds(5)));
                var n = child.Output.Read(buffer, out _);
                if (n <= 0) break;
                text.Append(Encoding.UTF8.GetString(buffer, 0, n));
            }

            epoll.Remove(child.Output);
            epoll.Add(child.Pidfd.Handle, EpollEvents.In, 2);
            epoll.Wait(new EpollReady[1], TimeSpan.FromSeconds(5));
            Assert.True(child.Pidfd.TryReap(out _));
            return text.ToString();
        }
    }

    [Fact]
    public void Arguments_arrive_as_they_are() =>
        Assert.Equal("a b|$HOME|;rm|é||", Output(["/bin/sh", "-c", "printf '%s|' \"$@\"", "sh", "a b", "$HOME", ";rm", "é", ""]));

    [Fact]
    public void The_environment_is_exactly_the_given_one() =>
        Assert.Equal("OOPS_ZONE=nl\n", Output(["/usr/bin/env"], new() { ["OOPS_ZONE"] = "nl" }));

    [Fact]
    public void It_runs_in_the_given_folder() => Assert.Equal("/usr\n", Output(["/bin/pwd"], folder: "/usr"));

    [Fact]
    public void It_leads_a_session_of_its_own()
    {
        using var child = ChildProcess.Sleep();
        var fields = File.ReadAllText($"/proc/{child.Pid}/stat").Split(") ")[1].Split(' ');
        Assert.Equal(child.Pid.ToString(), fields[2]);
        Assert.Equal(child.Pid.ToString(), fields[3]);
    }

    [Fact]
    public void No_other_descriptor_is_handed_on()
    {
        // ls itself opens one to read the folder.
        using var open = File.OpenRead("/dev/null");
        Assert.Equal("0\n1\n2\n3\n", Output(["/bin/ls", "/proc/self/fd"]));
    }

    [Fact]
    public void Its_signals_are_default_and_unblocked()
    {
        var status = Output(["/bin/cat", "/proc/self/status"]);
        Assert.Contains("SigBlk:\t0000000000000000", status, StringComparison.Ordinal);

        // glibc ignores its own two (32 and 33) in a spawned child.
        var ignored = Convert.ToUInt64(status.Split("SigIgn:\t")[1].Split('\n')[0], 16);
        Assert.Equal(0UL, ignored & ~0x180000000UL);
    }

    [Fact]
    public void A_program_that_is_missing_is_a_reason_with_its_name()
    {
        Assert.False(Spawn.TryStart(new SpawnOptions { Argv = ["/none/such"], Environment = new Dictionary<string, string>() }, out _, out var why));
        Assert.Equal("cannot start /none/such: No such file or directory", why);
    }

    [Fact]
    public void A_folder_that_is_missing_is_a_reason()
    {
        Assert.False(Spawn.TryStart(new SpawnOptions { Argv = ["/bin/true"], Environment = new Dictionary<string, string>(), Folder = "/none" }, out _, out var why));
        Assert.Equal("cannot start /bin/true in /none: No such file or directory", why);
    }

    [Fact]
    public void A_NUL_and_an_empty_command_are_refused()
    {
        Assert.False(Spawn.TryStart(new SpawnOptions { Argv = ["/bin/true", "a\0b"], Environment = new Dictionary<string, string>() }, out _, out _));
        Assert.False(Spawn.TryStart(new SpawnOptions { Argv = [], Environment = new Dictionary<string, string>() }, out _, out _));
        Assert.False(Spawn.TryStart(new SpawnOptions { Argv = ["/bin/true"], Environment = new Dictionary<string, string> { ["A=B"] = "" } }, out _, out _));
    }
}
