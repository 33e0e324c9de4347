using System.Diagnostics;
using System.Globalization;
using Oops.Bench.Listener;
using Oops.Lab.Harness;
using Oops.Zones.Compact;
using Oops.Zones.Verification;

namespace Oops.Bench.Verify;

/// <summary>
/// A zone of 100,003 names with some 300,000 P-256 signatures and ZONEMD, judged by `oops verify` and by kzonecheck (which does not look at ZONEMD) in turn; then the verdict on a version of which 100 names changed.
/// </summary>
internal static class VerifyBench
{
    const int Usual = 3, Names = 100_000, Changed = 100, Again = 15;
    const double RatioBar = 0.55, MemoryBar = 250, AgainBar = 50, DigestBar = 2.5, RsaBar = 5;

    /// <param name="args">Rounds; --rsa: the same zone by RSA-2048, too, which takes minutes to sign.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = args.Length > 0 && int.TryParse(args[0], CultureInfo.InvariantCulture, out var number) ? number : Usual;
        if (Array.Find((string[])["kzonesign", "kzonecheck"], static p => Lab.Harness.Lab.Find(p) is null) is { } missing)
        {
            Console.Error.WriteLine($"not installed here: {missing}");
            return 2;
        }

        var folder = Directory.CreateTempSubdirectory("oops-bench-verify").FullName;
        try
        {
            var good = await WholeAsync(folder, rounds);
            good &= await ChangedAsync(folder, digest: false);
            good &= await ChangedAsync(folder, digest: true);
            if (args.Contains("--rsa"))
            {
                using var rsa = await SignedByKnot.MakeAsync(Path.Combine(folder, "rsa"), Names, "rsasha256", digest: false);
                List<double> seconds = [];
                for (var round = 0; round < rounds; round++)
                    seconds.Add((await ProcessAsync(OopsDaemon.Binary!, "verify", "--zone", SignedByKnot.Zone, rsa.File)).Seconds);
                good &= Tell("verify-seconds/rsa-2048", "s", seconds, RsaBar);
            }

            return good ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    static async Task<bool> WholeAsync(string folder, int rounds)
    {
        using var zone = await SignedByKnot.MakeAsync(Path.Combine(folder, "digest"), Names, "ecdsap256sha256", digest: true);
        List<double> ours = [], theirs = [], ratio = [], memory = [];
        for (var round = 0; round < rounds; round++)
        {
            var us = await ProcessAsync(OopsDaemon.Binary!, "verify", "--zone", SignedByKnot.Zone, "--require", "dnssec", "--require", "zonemd", zone.File);
            var knot = await ProcessAsync("kzonecheck", "-o", SignedByKnot.Zone, "-d", "on", zone.File);
            ours.Add(us.Seconds);
            theirs.Add(knot.Seconds);
            ratio.Add(us.Seconds / knot.Seconds);
            memory.Add(us.Megabytes);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"oops {us.Seconds:0.00} s, {us.Megabytes:0} MB; kzonecheck {knot.Seconds:0.00} s, {knot.Megabytes:0} MB; load {BenchRig.Load}"));
        }

        Rounds.Print("verify-seconds/oops", "s", ours);
        Rounds.Print("verify-seconds/kzonecheck", "s", theirs);
        return Tell("verify-ratio", "x", ratio, RatioBar) & Tell("verify-memory", "MB", memory, MemoryBar);
    }

    /// <summary>After a change: the differences applied, and the verdict.</summary>
    static async Task<bool> ChangedAsync(string folder, bool digest)
    {
        using var zone = await SignedByKnot.MakeAsync(Path.Combine(folder, digest ? "digest-changed" : "plain"), Names, "ecdsap256sha256", digest);
        var version = zone.Read();
        var options = new VerifyOptions { Now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds(), Keep = true };
        var threads = Environment.ProcessorCount;
        var verdict = ZoneVerifier.Run(version, options, version.Intake, threads, null, CancellationToken.None);
        List<double> took = [], ratio = [];
        var random = new Random(1);
        for (var round = -2; round < Again; round++) // two to warm up
        {
            if (!verdict.Passes)
                throw new InvalidOperationException(string.Join(' ', verdict.Findings.Faults.Select(f => ZoneFaults.Of(f).Name)));
            (version, var applied) = zone.Change(version, Changed, random, round & 0xFF);
            var began = Stopwatch.GetTimestamp();
            verdict = ZoneVerifier.Run(version, options, version.Intake, threads, null, CancellationToken.None, verdict.Precedent);
            var all = applied + Stopwatch.GetElapsedTime(began);
            began = Stopwatch.GetTimestamp();
            if (digest)
                ZoneDigest.Of(version, ZoneDigest.Sha384, CancellationToken.None);
            var hashed = Stopwatch.GetElapsedTime(began);
            if (round < 0)
                continue;
            took.Add(all.TotalMilliseconds);
            ratio.Add(all / hashed);
        }

        if (!digest)
            return Tell("reverify-ms", "ms", took, AgainBar);
        Rounds.Print("reverify-ms/zonemd", "ms", took);
        return Tell("reverify-ratio/zonemd", "x", ratio, DigestBar);
    }

    static bool Tell(string name, string unit, List<double> values, double bar)
    {
        values.Sort();
        var median = values[values.Count / 2];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"{{name}}","unit":"{{unit}}","median":{{median:0.###}},"min":{{values[0]:0.###}},"max":{{values[^1]:0.###}},"n":{{values.Count}},"bar":{{bar}}}"""));
        return median <= bar;
    }

    /// <summary>Runs a program to its end, which must be good: seconds, and the most memory that it had.</summary>
    static async Task<(double Seconds, double Megabytes)> ProcessAsync(params string[] argv)
    {
        var began = Stopwatch.GetTimestamp();
        using var process = Process.Start(new ProcessStartInfo(argv[0], argv[1..]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var said = process.StandardOutput.ReadToEndAsync();
        var ended = process.WaitForExitAsync();
        var most = 0L;
        while (await Task.WhenAny(ended, Task.Delay(50)) != ended)
        {
            process.Refresh();
            most = Math.Max(most, process.HasExited ? 0 : process.PeakWorkingSet64);
        }

        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        return process.ExitCode == 0 ? (seconds, most / 1e6) : throw new InvalidOperationException($"{string.Join(' ', argv)}: exit {process.ExitCode}: {await said}");
    }
}
