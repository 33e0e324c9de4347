using System.Globalization;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Daemon;

/// <summary>No space under the state directory: the memory stops, the decisions do not.</summary>
public sealed class FullDiskLabTests : IAsyncDisposable
{
    readonly string disk = Harness.Lab.FreshDirectory("disk");

    string Filler => Path.Combine(disk, "filler");

    public async ValueTask DisposeAsync() => await OopsDaemon.RunProgramAsync("umount", "-l", disk);

    [Fact]
    public async Task A_full_disk_stops_the_journal_and_the_durable_verbs_but_no_decision_and_a_verb_finds_the_space_again()
    {
        LabRequires.Programs("mount", "umount");
        (int code, string text) = await OopsDaemon.RunProgramAsync("mount", "-t", "tmpfs", "-o", "size=2m,mode=755", "none", disk);
        Assert.True(code == 0, text);
        await using var node = new Node { More = "metrics: { listen: 127.0.0.1@9153 }" };
        node.Oops.StateDirectory = disk;
        await node.StartAsync();

        (code, text) = await node.Oops.RunAsync("override", "server-crashed", "ns1", "not-met", "--reason", "test");
        Assert.True(code == 0, text);

        // What fits into the log that is there still does; nothing beyond it.
        Fill();
        for (int i = 0; !(await node.StatusAsync()).Contains("journal stopped", StringComparison.Ordinal); i++)
            Assert.True(i < 200 && (await node.Oops.RunAsync("signal", "closed", "ns1", i % 2 == 0 ? "met" : "not-met")).Code == 0);
        foreach (string[] verb in (string[][])[["hold", "--for", "10s"], ["override", "server-down", "ns1", "met", "--reason", "test"], ["drain", "anycast"]])
        {
            (code, text) = await node.Oops.RunAsync(verb);
            Assert.Equal(4, code);
            Assert.Contains("refused: it would not survive a restart, the journal has stopped: " + node.Oops.StateDirectory + "/journal.db: database or disk is full", text, StringComparison.Ordinal);
        }

        // What was said before cannot be taken back either: it would be there again after a restart. There is a way out, and it is told.
        (code, text) = await node.Oops.RunAsync("override", "server-crashed", "ns1", "--end");
        Assert.Equal(4, code);
        Assert.Contains("refused: it would come back with the next start, the journal has stopped: ", text, StringComparison.Ordinal);
        Assert.Contains($"make room under {disk}", text, StringComparison.Ordinal);
        Assert.Contains($"stop oops, remove {disk}/journal.db", text, StringComparison.Ordinal);

        await node.Knot.EndAsync(LabProcess.KillNow);
        await node.Upstream.LacksAsync(Harness.Lab.Prefix4, Node.Soon);
        using var http = new HttpClient();
        string metrics = await http.GetStringAsync("http://127.0.0.1:9153/metrics");
        Assert.Contains("oops_journal_up 0", metrics, StringComparison.Ordinal);
        Assert.Contains("oops_alarm{id=\"journal\"} 1", metrics, StringComparison.Ordinal);
        Assert.True(Lost(metrics) > 0, metrics);

        File.Delete(Filler);
        (code, text) = await node.Oops.RunAsync("hold", "--for", "5m");
        Assert.True(code == 0, text);
        text = await node.StatusAsync();
        Assert.DoesNotContain("journal stopped", text, StringComparison.Ordinal);
        Assert.Contains("hold: held by", text, StringComparison.Ordinal);
        (code, text) = await node.Oops.RunAsync("history");
        Assert.True(code == 0 && text.Contains("hold", StringComparison.Ordinal), text);

        // What was held is held after a restart: it was on the disk.
        await node.Oops.Process.EndAsync();
        await node.Oops.LaunchAsync();
        Assert.Contains("hold: held by", await node.StatusAsync(), StringComparison.Ordinal);
    }

    void Fill()
    {
        var block = new byte[4096];
        using var file = new FileStream(Filler, FileMode.Append);
        try
        {
            while (true)
            {
                file.Write(block);
                file.Flush();
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    static long Lost(string metrics) =>
        long.Parse(metrics.Split('\n').First(l => l.StartsWith("oops_journal_lost_total ", StringComparison.Ordinal)).Split(' ')[1], CultureInfo.InvariantCulture);
}
