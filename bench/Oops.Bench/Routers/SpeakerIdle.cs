using System.Globalization;
using Oops.Bench.Idle;
using Oops.Bench.Latency;
using Oops.Lab.Harness;

namespace Oops.Bench.Routers;

/// <summary>CPU of the daemon with four established sessions of its own, and of the same daemon without any, both at the same time.</summary>
internal static class SpeakerIdle
{
    /// <summary>Addresses that both ends have beside their own: a BIRD has one session with an address.</summary>
    static readonly (string Peer, string From)[] More = [("10.99.0.12", "10.99.0.22"), ("10.99.0.13", "10.99.0.23"), ("10.99.0.14", "10.99.0.24")];

    public static async Task RunAsync(TimeSpan time)
    {
        await using var rig = new BenchRig(["one.test"]);
        foreach (var (peer, from) in More)
        {
            await OopsDaemon.DoProgramAsync("nsenter", "--net=" + Oops.Lab.Harness.Lab.UpstreamNamespace, "--", "ip", "address", "add", peer + "/24", "dev", Oops.Lab.Harness.Lab.UpstreamInterface);
            await OopsDaemon.DoProgramAsync("ip", "address", "add", from + "/24", "dev", "up0");
        }

        rig.Upstream.Extra = string.Concat(More.Select((pair, i) => $"protocol bgp node{i} {{ local {pair.Peer} as {Oops.Lab.Harness.Lab.UpstreamAs}; neighbor {pair.From} as {Oops.Lab.Harness.Lab.NodeAs}; passive; ipv4 {{ import all; export none; }}; }}\n"));
        await rig.StartAsync();
        await using var without = new OopsDaemon();
        await without.StartAsync(rig.Config("", ""));
        await using var speaker = new OopsDaemon();
        await speaker.StartAsync(rig.Config(LocalRouter.Speaker([(Oops.Lab.Harness.Lab.Upstream4, Oops.Lab.Harness.Lab.Node4), .. More]), BenchRig.Route("anycast4", [Oops.Lab.Harness.Lab.Prefix4])));
        await Wait.UntilAsync("four sessions have the route", async () => await HaveAsync(rig) == 1 + More.Length, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(100), () => speaker.Process.Tail());
        await Task.Delay(TimeSpan.FromSeconds(30));
        var (with, bare) = (new ProcessCost(speaker.Process.Pid), new ProcessCost(without.Process.Pid));
        await Task.Delay(time);
        var (one, other) = (with.Percent(), bare.Percent());
        if (await HaveAsync(rig) != 1 + More.Length) throw new InvalidOperationException("a session has ended meanwhile");
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"with 4 sessions {one:0.000} %, without {other:0.000} %, over {time.TotalSeconds:0} s; load {BenchRig.Load}"));
        var figure = new Figure("speaker-idle", "% of a core");
        figure.Add(one - other);
        Console.WriteLine(figure.Json());
    }

    /// <summary>How many sessions of the upstream have the prefix.</summary>
    static async Task<int> HaveAsync(BenchRig rig) =>
        (await rig.Upstream.Client.AskAsync("show route " + Oops.Lab.Harness.Lab.Prefix4, default)).Reply is { Ok: true } reply ? reply.Lines.Count(l => l.Text.Contains("unicast [node", StringComparison.Ordinal)) : 0;
}
