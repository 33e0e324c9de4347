using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Oops.Bench.Notify;

/// <summary>
/// How many NOTIFYs per second the whole daemon answers: `oops run` on one core, this process on the other, 1,000 zones whose serial rises with every question, and a command that blocks.
/// A closed loop: the next NOTIFY is sent when an earlier one was answered.
/// </summary>
internal static class NotifyBench
{
    const int Zones = 1000;
    const int WarmSeconds = 10;
    const int RoundSeconds = 2;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = arguments.Length > 0 && int.TryParse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 10;
        if (OopsBinary() is not { } binary)
        {
            Console.Error.WriteLine("oops is not built: make build");
            return 1;
        }

        if (Environment.ProcessorCount < 2)
        {
            Console.Error.WriteLine("needs two cores: one for the daemon, one for the sender");
            return 1;
        }

        var folder = Directory.CreateTempSubdirectory("oops-bench-notify-");
        Process? daemon = null;
        try
        {
            using var self = Process.GetCurrentProcess();
            self.ProcessorAffinity = 1;
            using var server = new RisingSerials();
            var listen = FreePort();
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "oops.yaml"), Config(folder.FullName, server.Port, listen));
            daemon = Process.Start(new ProcessStartInfo("taskset", ["-c", "1", binary, "run", "--config", Path.Combine(folder.FullName, "oops.yaml")]) { UseShellExecute = false, RedirectStandardError = true })
                ?? throw new InvalidOperationException("taskset does not start");
            var log = new Tail(daemon.StandardError);
            return await MeasureAsync(daemon, log, new IPEndPoint(IPAddress.Loopback, listen), rounds) ? 0 : 1;
        }
        finally
        {
            if (daemon is { HasExited: false })
            {
                daemon.Kill(entireProcessTree: true);
                await daemon.WaitForExitAsync();
            }

            daemon?.Dispose();
            folder.Delete(recursive: true);
        }
    }

    static async Task<bool> MeasureAsync(Process daemon, Tail log, IPEndPoint listen, int rounds)
    {
        using var sender = new NotifySender(listen, Zones);
        for (var began = Stopwatch.GetTimestamp(); !sender.Ping();)
        {
            if (daemon.HasExited || Stopwatch.GetElapsedTime(began) > TimeSpan.FromSeconds(30))
            {
                Console.Error.WriteLine("oops does not answer\n" + log);
                return false;
            }

            await Task.Delay(100);
        }

        sender.Run(TimeSpan.FromSeconds(WarmSeconds)); // the JIT, the first serials, the blocked commands
        if (Blocked(daemon.Id) == 0)
        {
            Console.Error.WriteLine("no command is blocked: the rule did not run\n" + log);
            return false;
        }

        var rates = new List<double>();
        var before = Resident(daemon.Id);
        var cpu = Cpu(daemon.Id);
        long answered = 0, lost = 0;
        for (var i = 0; i < rounds; i++)
        {
            var (got, missing, took) = sender.Run(TimeSpan.FromSeconds(RoundSeconds));
            rates.Add(got / took.TotalSeconds);
            answered += got;
            lost += missing;
        }

        var after = Resident(daemon.Id);
        cpu = (Cpu(daemon.Id) - cpu) / answered * 1e6;
        rates.Sort();
        var load = File.ReadAllText("/proc/loadavg").Split(' ')[0];
        Console.WriteLine($"{Zones} zones, {answered} answered, {lost} lost, {sender.Refused} not NOERROR, {Blocked(daemon.Id)} commands blocked, load average {load}");
        Print("notify-rate", "answers/s", rates[rates.Count / 2], rates[^1], rates.Count);
        Print("notify-cpu", "us/answer", cpu, cpu, rates.Count); // all of the daemon's work; unlike the rate it does not depend on what else this machine does
        Print("notify-lost", "datagrams", lost, lost, rates.Count);
        Print("notify-memory-growth", "MB", after - before, after, rates.Count);
        return lost == 0 && sender.Refused == 0;
    }

    static void Print(string name, string unit, double median, double max, int n) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""{"bench":"{{name}}","unit":"{{unit}}","median":{{median:0.##}},"max":{{max:0.##}},"n":{{n}}}"""));

    /// <summary>MB that the daemon occupies.</summary>
    static double Resident(int pid) =>
        long.Parse(File.ReadAllText($"/proc/{pid}/statm").Split(' ')[1], CultureInfo.InvariantCulture) * Environment.SystemPageSize / 1e6;

    /// <summary>Seconds of CPU that it has used.</summary>
    static double Cpu(int pid)
    {
        var fields = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' '); // from the state on
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    }

    static int Blocked(int pid) => Directory.EnumerateDirectories($"/proc/{pid}/task").Sum(static task =>
    {
        try
        {
            return File.ReadAllText(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        }
        catch (IOException)
        {
            return 0; // the thread has ended
        }
    });

    static string Config(string folder, int port, int listen) => $$"""
        mode: act
        site: bench
        state-directory: {{folder}}
        runtime-directory: {{folder}}
        servers:
          ns1: { kind: other, address: 127.0.0.1@{{port}}, zones: { list: [{{string.Join(", ", Enumerable.Range(0, Zones).Select(i => $"z{i}.example"))}}] } }
        sources:
          notify: [ { server: ns1, listen: [127.0.0.1@{{listen}}], port: {{port}} } ]
        actions:
          exec: [ { name: blocked, command: [/bin/sleep, "86400"], timeout: 1d } ]
        rules:
          - { on: zone-updated, do: [ { run: blocked } ] }

        """;

    static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>OOPS_BIN, or the newest build.</summary>
    static string? OopsBinary()
    {
        if (Environment.GetEnvironmentVariable("OOPS_BIN") is { Length: > 0 } named)
            return named;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "oops.slnx")))
            {
                string[] places = ["artifacts/publish/oops", "artifacts/bin/oops", "src/Oops/bin/Release/net10.0/oops", "src/Oops/bin/Debug/net10.0/oops"];
                return places.Select(p => Path.Combine(folder.FullName, p)).Where(File.Exists).MaxBy(File.GetLastWriteTimeUtc);
            }
        }

        return null;
    }

    /// <summary>The last lines that the daemon logged.</summary>
    sealed class Tail
    {
        readonly Queue<string> lines = new();

        public Tail(StreamReader from) => _ = ReadAsync(from);

        public override string ToString()
        {
            lock (lines)
                return string.Join('\n', lines);
        }

        async Task ReadAsync(StreamReader from)
        {
            while (await from.ReadLineAsync() is { } line)
            {
                lock (lines)
                {
                    lines.Enqueue(line);
                    if (lines.Count > 20)
                        lines.Dequeue();
                }
            }
        }
    }
}
