using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Oops.Core;
using Oops.Engine;
using Oops.Sources.Dnstap;
using Oops.Wire.Dnstap;

namespace Oops.Bench.Dnstap;

/// <summary>
/// How many frames per second are decoded and counted: the frames that seven servers sent (tests/vectors/dnstap), again and again. From memory on one core; through a Unix socket into the source, where
/// the sender writes as fast as it is taken; and the same overloaded, where what was sent must be what was counted and shed. `dnstap-read` beside it, where it is installed.
/// </summary>
internal static class DnstapBench
{
    const int Chunk = 128 * 1024;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = arguments.Length > 0 && int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 9;
        if (Vectors() is not { } folder)
        {
            Console.Error.WriteLine("tests/vectors/dnstap is not above this program");
            return 1;
        }

        var (stream, frames) = Stream(folder);
        Console.WriteLine($"{frames} frames in {stream.Length} octets, load average {File.ReadAllText("/proc/loadavg").Split(' ')[0]}");
        Memory(stream, frames, rounds);
        var exact = await SocketAsync(stream, frames, rounds, "dnstap-rate/socket", TimeSpan.FromHours(1));
        exact &= await SocketAsync(stream, frames, Math.Min(rounds, 3), "dnstap-rate/overload", TimeSpan.FromTicks(1));
        Peer(stream, frames);
        return exact ? 0 : 1;
    }

    static void Memory(byte[] stream, int frames, int rounds)
    {
        const int Loops = 200;
        var tally = new FrameTally(new ErrorTable(DnstapMeter.Buckets));
        for (var i = 0; i < Loops; i++) tally.Take(stream, shed: false, out _);
        var (rates, ofCpu) = (new List<double>(), new List<double>());
        using var self = Process.GetCurrentProcess();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < rounds; round++)
        {
            var (began, cpu) = (Stopwatch.GetTimestamp(), Cpu(self));
            for (var i = 0; i < Loops; i++) tally.Take(stream, shed: false, out _);
            rates.Add((double)frames * Loops / Stopwatch.GetElapsedTime(began).TotalSeconds);
            ofCpu.Add((double)frames * Loops / (Cpu(self) - cpu).TotalSeconds);
        }

        // The lists, and the questions for the CPU time, take some kilobytes a round.
        var allocated = Math.Max(0, GC.GetAllocatedBytesForCurrentThread() - before - (rounds * 8192));
        Print("dnstap-rate/memory", "1/s", rates);
        // What a whole core does, however much of it others had meanwhile.
        Print("dnstap-rate/memory-cpu", "1/s of CPU", ofCpu);
        Print("dnstap-allocation/frame", "B", [allocated / ((double)frames * Loops * rounds)]);
    }

    static TimeSpan Cpu(Process self)
    {
        self.Refresh();
        return self.TotalProcessorTime;
    }

    static async Task<bool> SocketAsync(byte[] stream, int frames, int rounds, string name, TimeSpan behind)
    {
        var folder = Directory.CreateTempSubdirectory("oops-bench-dnstap-").FullName;
        var path = Path.Combine(folder, "tap");
        using var stop = new CancellationTokenSource();
        var source = new DnstapSource(new DnstapTarget { Server = "ns1", Path = path, Behind = behind });
        var running = source.RunAsync(new Deaf(), stop.Token);
        try
        {
            while (source.Listening is null) await Task.Delay(10);
            using var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await server.ConnectAsync(new UnixDomainSocketEndPoint(path));
            var start = new byte[ControlFrame.MaxWritten];
            await server.SendAsync(start.AsMemory(0, ControlFrame.Write(start, ControlType.Start, withDnstap: true)));
            using var self = Process.GetCurrentProcess();
            var (rates, ofCpu) = (new List<double>(), new List<double>());
            var sent = 0L;
            for (var round = -1; round < rounds; round++)
            {
                var looked = source.Counts.Totals.Looked;
                var (began, cpu) = (Stopwatch.GetTimestamp(), Cpu(self));
                var loops = Send(server, stream, TimeSpan.FromSeconds(1));
                sent += (long)loops * frames;
                while (source.Counts.Frame < sent) await Task.Delay(1);
                // What is only counted and not looked at is not what is measured.
                if (round < 0) continue;
                rates.Add((source.Counts.Totals.Looked - looked) / Stopwatch.GetElapsedTime(began).TotalSeconds);
                ofCpu.Add((source.Counts.Totals.Looked - looked) / (Cpu(self) - cpu).TotalSeconds);
            }

            Print(name, "1/s", rates);
            // Sender and receiver together.
            Print(name + "-cpu", "1/s of CPU", ofCpu);
            var counts = source.Counts;
            var (counted, shed) = (counts.Totals.Looked, counts[FrameFate.Shed]);
            Console.WriteLine($"{name}: sent {sent}, decoded {counted}, shed {shed}, malformed {counts[FrameFate.Malformed]}: {(sent == counted + shed ? "exact" : "NOT EXACT")}");
            return sent == counted + shed && counts[FrameFate.Malformed] == 0;
        }
        finally
        {
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The whole stream again and again, blocking, on this thread.</summary>
    static int Send(Socket server, byte[] stream, TimeSpan span)
    {
        var began = Stopwatch.GetTimestamp();
        var loops = 0;
        for (; Stopwatch.GetElapsedTime(began) < span; loops++)
            for (var at = 0; at < stream.Length;) at += server.Send(stream, at, Math.Min(Chunk, stream.Length - at), SocketFlags.None);
        return loops;
    }

    /// <summary>`dnstap-read` prints the same frames from a file, into nothing.</summary>
    static void Peer(byte[] stream, int frames)
    {
        const string Program = "/usr/bin/dnstap-read";
        if (!File.Exists(Program))
        {
            Console.WriteLine("dnstap-read is not installed (bind9-utils): nothing to compare with");
            return;
        }

        const int Loops = 20;
        var file = Path.GetTempFileName();
        try
        {
            var control = new byte[ControlFrame.MaxWritten];
            using (var to = File.Create(file))
            {
                to.Write(control, 0, ControlFrame.Write(control, ControlType.Start, withDnstap: true));
                for (var i = 0; i < Loops; i++) to.Write(stream);
                to.Write(control, 0, ControlFrame.Write(control, ControlType.Stop, withDnstap: false));
            }

            var rates = new List<double>();
            for (var round = 0; round < 3; round++)
            {
                var began = Stopwatch.GetTimestamp();
                using var read = Process.Start(new ProcessStartInfo("sh", ["-c", $"exec {Program} {file} >/dev/null"]) { UseShellExecute = false })!;
                read.WaitForExit();
                rates.Add((double)frames * Loops / Stopwatch.GetElapsedTime(began).TotalSeconds);
            }

            Print("dnstap-rate/dnstap-read", "1/s", rates);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>All data frames of the vectors, fifty times.</summary>
    static (byte[] Stream, int Frames) Stream(string folder)
    {
        var all = new MemoryStream();
        var count = 0;
        var files = Directory.EnumerateFiles(folder, "*.fstrm").Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList();
        Span<byte> length = stackalloc byte[4];
        for (var i = 0; i < 50; i++)
        {
            foreach (var file in files)
            {
                var reader = new FrameReader(file, FrameStream.MaxData);
                for (FrameKind kind; (kind = reader.Next(out var frame)) != FrameKind.Partial;)
                {
                    if (kind != FrameKind.Data) continue;
                    BinaryPrimitives.WriteUInt32BigEndian(length, (uint)frame.Length);
                    all.Write(length);
                    all.Write(frame);
                    count++;
                }
            }
        }

        return (all.ToArray(), count);
    }

    static string? Vectors()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Directory.Exists(Path.Combine(folder.FullName, "tests/vectors/dnstap"))) return Path.Combine(folder.FullName, "tests/vectors/dnstap");
        return null;
    }

    static void Print(string name, string unit, List<double> values)
    {
        values.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"{{name}}","unit":"{{unit}}","median":{{values[values.Count / 2]:0.###}},"min":{{values[0]:0.###}},"max":{{values[^1]:0.###}},"n":{{values.Count}}}"""));
    }

    /// <summary>What is said is not what is measured.</summary>
    sealed class Deaf : IEngine
    {
        public TimeProvider Time => TimeProvider.System;

        public At Now => Native.BootClock.Now;

        public void Send(Input input)
        {
        }

        public ServerView Server(string name) => new([], false, null, 0);
    }
}
