using System.Globalization;
using Oops.Bench.Latency;
using Oops.Lab.Harness;

namespace Oops.Bench.Routers;

/// <summary>
/// The crash of one server, with each subject in turn, some crashes each, and again: what else the machine does hits all alike. Only one runs at a time: a checker that polls ten times in a second is a load to the others.
/// And the crash of the daemon that is the speaker: its sessions end with it.
/// </summary>
internal static class KillToWithdraw
{
    /// <summary>Crashes at one start of a subject.</summary>
    const int Together = 3;

    /// <summary>All zones are one: the checkers ask for one.</summary>
    static readonly string[] Zones = ["one.test"];

    public static async Task RunAsync(int rounds, IReadOnlyList<Subject> subjects)
    {
        await using var rig = new BenchRig(Zones);
        await rig.StartAsync();
        using var tap = new WireTap(Oops.Lab.Harness.Lab.Anycast4);
        var crash = new CrashRound(rig, tap);
        var figures = subjects.ToDictionary(s => s.Name, s => (Wire: new Figure("kill-to-withdraw/" + s.Name), Table: new Figure($"kill-to-withdraw/{s.Name}/table")));
        var ended = new Figure("kill-oops/speaker");
        for (var from = 0; from < rounds; from += Together)
            foreach (var subject in subjects)
            {
                var counted = Math.Min(Together, rounds - from);
                await using var running = await subject.StartAsync(rig);
                await crash.TableAsync(present: true);
                for (var round = -subject.WarmUps; round < counted; round++)
                {
                    var times = await crash.RunAsync(subject.Phase);
                    await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{subject.Name} {(round < 0 ? "warm-up" : from + round + 1)}: kill -> UPDATE {times.Withdrawn:0.00} ms, table {times.Gone:0.00} ms; ready -> UPDATE {times.Announced:0.00} ms; load {BenchRig.Load}"));
                    if (round < 0) continue;
                    figures[subject.Name].Wire.Add(times.Withdrawn);
                    figures[subject.Name].Table.Add(times.Gone);
                }

                if (subject.Name == "speaker") await EndAsync(running.Oops!, crash, counted, ended);
            }

        foreach (var subject in subjects)
        {
            Console.WriteLine(figures[subject.Name].Wire.Json());
            Console.WriteLine(figures[subject.Name].Table.Json());
        }

        if (figures.ContainsKey("speaker")) Console.WriteLine(ended.Json());
    }

    static async Task EndAsync(OopsDaemon oops, CrashRound crash, int rounds, Figure figure)
    {
        for (var round = 0; round < rounds; round++)
        {
            await Task.Delay(500);
            var killed = WireTap.Now();
            oops.Process.Signal(LabProcess.KillNow);
            var milliseconds = CrashRound.Milliseconds(killed, await crash.TableAsync(present: false));
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"kill-oops: gone after {milliseconds:0.00} ms"));
            figure.Add(milliseconds);
            await oops.Process.EndAsync(0);
            await oops.LaunchAsync();
            await crash.TableAsync(present: true);
        }
    }
}
