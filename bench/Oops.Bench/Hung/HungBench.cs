using System.Globalization;
using Oops.Bench.Latency;
using Oops.Lab.Harness;
using Oops.Lab.Hung;

namespace Oops.Bench.Hung;

/// <summary>From SIGSTOP to `server-down`, for every server; and how often a server that is only starved or flooded is taken for hung.</summary>
internal static class HungBench
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = 5;
        var minutes = 10.0;
        string[] parts = ["default", "fast", "load", "flood"];
        var kinds = ServerUnderTest.Kinds;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--minutes" && i + 1 < arguments.Length) minutes = double.Parse(arguments[++i], CultureInfo.InvariantCulture);
            else if (arguments[i] == "--only" && i + 1 < arguments.Length) parts = arguments[++i].Split(',');
            else if (arguments[i] == "--of" && i + 1 < arguments.Length) kinds = arguments[++i].Split(',');
            else rounds = int.Parse(arguments[i], CultureInfo.InvariantCulture);
        }

        string[] programs = [.. ServerUnderTest.Kinds.SelectMany(ServerUnderTest.Programs), "dnsperf"];
        if (Oops.Lab.Harness.Lab.Missing(programs) is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 77;
        }

        if (parts.Contains("default")) await StopAsync("hung/default", "", kinds, rounds);
        if (parts.Contains("fast")) await StopAsync("hung/fast", HungWatch.Fast, kinds, rounds);
        var alarms = 0;
        if (parts.Contains("load")) alarms += await LoadAsync(TimeSpan.FromMinutes(minutes));
        if (parts.Contains("flood")) alarms += await FloodAsync(TimeSpan.FromMinutes(minutes));
        return alarms == 0 ? 0 : 1;
    }

    /// <summary>Each is asked 500 times in a second meanwhile: none is idle before it is stopped.</summary>
    static async Task StopAsync(string name, string probe, IReadOnlyList<string> kinds, int rounds)
    {
        List<string> lines = [];
        var all = new Figure(name, "s");
        foreach (var kind in kinds)
        {
            var figure = new Figure($"{name}/{kind}", "s");
            await using var server = new ServerUnderTest(kind);
            await server.StartAsync();
            await using var oops = new HungWatch();
            await oops.StartAsync(probe, server);
            await using var traffic = Flood.Gentle(server);
            for (var i = 0; i < rounds; i++)
            {
                // At any phase of the probes.
                await Task.Delay(TimeSpan.FromMilliseconds(1000 + Random.Shared.Next(2000)));
                var stopped = DateTimeOffset.UtcNow;
                server.SignalAll(LabProcess.Stop);
                var seconds = (await oops.UntilAsync(kind, "met", TimeSpan.FromMinutes(2)) - stopped).TotalSeconds;
                figure.Add(seconds);
                all.Add(seconds);
                server.SignalAll(LabProcess.Cont);
                await oops.UntilAsync(kind, "not-met", TimeSpan.FromMinutes(2));
            }

            lines.Add(figure.Json());
        }

        Console.WriteLine($"{name}: load average {BenchRig.Load}");
        foreach (var line in lines) Console.WriteLine(line);
        Console.WriteLine(all.Json());
    }

    /// <summary>All servers at once, each on an address of its own, and two hogs for each core.</summary>
    static async Task<int> LoadAsync(TimeSpan time)
    {
        List<ServerUnderTest> servers = [];
        try
        {
            foreach (var kind in ServerUnderTest.Kinds)
            {
                // BIND listens only where an address is assigned.
                var address = $"127.0.0.{10 + servers.Count}";
                await OopsDaemon.RunProgramAsync("ip", "address", "add", $"{address}/32", "dev", "lo");
                servers.Add(new(kind, address));
                await servers[^1].StartAsync();
            }

            await using var oops = new HungWatch();
            await oops.StartAsync("", servers);
            await using (new Hogs(2 * Environment.ProcessorCount))
                await Task.Delay(time);
            var alarms = 0;
            foreach (var server in servers) alarms += await AlarmsAsync(oops, server.Kind);
            Print("false-alarm/load", alarms, time);
            return alarms;
        }
        finally
        {
            foreach (var server in servers) await server.DisposeAsync();
        }
    }

    /// <summary>An NSD with one worker that is asked twice as much as it answers.</summary>
    static async Task<int> FloodAsync(TimeSpan time)
    {
        await using var server = new ServerUnderTest("nsd");
        await server.StartAsync();
        var capacity = await Flood.CapacityAsync(server, 10);
        await using var oops = new HungWatch();
        await oops.StartAsync("", server);
        await using var flood = Flood.Above(server, (int)time.TotalSeconds, 2 * capacity);
        int asked = 0, missed = 0;
        for (var until = DateTimeOffset.UtcNow + time; DateTimeOffset.UtcNow < until; asked++)
        {
            missed += await server.AnswersAsync() ? 0 : 1;
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        var (answered, lost) = await flood.EndAsync(60);
        var alarms = await AlarmsAsync(oops, server.Kind);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"flood: {capacity:0}/s answered at most, {answered:0}/s in the flood, {lost:P1} lost, {missed} of {asked} questions of ours unanswered, load average {BenchRig.Load}"));
        Print("false-alarm/flood", alarms, time);
        return alarms;
    }

    static async Task<int> AlarmsAsync(HungWatch oops, string kind)
    {
        var (count, lines) = await oops.AlarmsAsync(kind);
        if (count > 0) await Console.Error.WriteLineAsync($"{kind}: {lines}");
        return count;
    }

    static void Print(string name, int alarms, TimeSpan time) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"{{name}}","unit":"alarms in {{time.TotalMinutes:0.#}} min","median":{{alarms}},"max":{{alarms}},"n":1}"""));
}
