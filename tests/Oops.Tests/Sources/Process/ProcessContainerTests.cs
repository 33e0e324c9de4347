using Oops.Native;
using Oops.Sources.Process;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Sources.Process;

/// <summary>A server in a pid namespace of its own: its pidfile says what it sees, not what we see. Making one needs root.</summary>
public sealed class ProcessContainerTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    Sighting Look(string executable) => new ProcessFinder(new ProcessTarget { Server = "ns1", Pidfile = folder.File("server.pid"), Executables = [executable] }).Look();

    [Fact]
    public void A_pidfile_from_a_container_is_read_as_the_container_means_it()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        var server = folder.File($"srv{Guid.NewGuid():n}"[..12]);
        File.Copy("/bin/sleep", server);
        using var container = new ChildProcess("unshare", "--pid", "--fork", "--kill-child", server, "60");
        var inside = ProcTests.Eventually(() => Proc.ReadTree(container.Pid).Find(p => p.Name == Path.GetFileName(server)) is { Pid: > 0 } p ? p.Pid.ToString() : null);
        File.WriteAllText(folder.File("server.pid"), "1\n");
        var seen = Assert.IsType<Seen>(Look(Path.GetFileName(server)));
        Assert.Equal(inside, seen.Process.Pid.ToString());
        seen.Process.Dispose();

        File.WriteAllText(folder.File("server.pid"), "2\n");
        Assert.True(Assert.IsType<Unclear>(Look(Path.GetFileName(server))).Running);
    }
}
