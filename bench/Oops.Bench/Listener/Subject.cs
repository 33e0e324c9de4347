using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Oops.Bench.Listener;

/// <summary>A server that is measured: a process on the last core, that answers at a port of its own.</summary>
internal sealed class Subject : IDisposable
{
    readonly Process process;

    Subject(string name, string folder, int port, Process process)
    {
        Name = name;
        Folder = folder;
        Port = port;
        this.process = process;
    }

    public string Name { get; }

    /// <summary>Where its files are.</summary>
    public string Folder { get; }

    public int Port { get; }

    /// <summary>Seconds of CPU that it and what it forked have used.</summary>
    public double Cpu => Family().Sum(static pid =>
    {
        var fields = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' '); // from the state on
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / 100.0;
    });

    /// <summary>MB that it occupies.</summary>
    public double Resident => Family().Sum(static pid => long.Parse(File.ReadAllText($"/proc/{pid}/statm").Split(' ')[1], CultureInfo.InvariantCulture)) * Environment.SystemPageSize / 1e6;

    /// <summary>The listener alone, with a handler that has one answer: this program.</summary>
    public static Subject Oops(string folder) => Start("oops", folder, static (_, port) => ["dotnet", typeof(Subject).Assembly.Location, "listener-serve", Text(port)]);

    /// <summary>The daemon as it is shipped, as a monitoring agent that counts every report: none is shed.</summary>
    public static Subject Daemon(string folder, string program, IReadOnlyList<string> zones) => Start("oops", folder, (folder, port) =>
    {
        var config = Path.Combine(folder, "oops.yaml");
        File.WriteAllText(config, $$"""
            mode: observe
            state-directory: {{folder}}/state
            runtime-directory: {{folder}}/run
            servers: { ns1: { kind: nsd, address: 127.0.0.1, zones: { list: [{{string.Join(", ", zones)}}] } } }
            conditions: { reported: { kind: error-reported, codes: [dnssec-bogus, signature-expired, dnskey-missing] } }
            sources:
              error-reports:
                - { server: ns1, listen: ["127.0.0.1@{{Text(port)}}"], agents: [ { domain: {{ListenerBench.Zone}} } ], udp: accept, rate-limit: 0, per-network: 1000000, per-zone: 1000000 }

            """);
        return [program, "run", "--config", config];
    });

    /// <summary>NSD with one worker and the zone, a wildcard of TXT.</summary>
    public static Subject Nsd(string folder) => Start("nsd", folder, static (folder, port) =>
    {
        File.WriteAllText(Path.Combine(folder, "nsd.conf"), $"""
            server:
                ip-address: 127.0.0.1@{Text(port)}
                username: ""
                database: ""
                zonesdir: "{folder}"
                pidfile: "{folder}/nsd.pid"
                xfrdfile: "{folder}/xfrd.state"
                xfrdir: "{folder}"
                zonelistfile: "{folder}/zone.list"
                server-count: 1
                tcp-count: 12000
                tcp-timeout: 300
                minimal-responses: yes
                answer-cookie: yes
                rrl-ratelimit: 0
                rrl-whitelist-ratelimit: 0
            remote-control:
                control-enable: no
            zone:
                name: "{ListenerBench.Zone}"
                zonefile: "zone"
            """);
        return ["nsd", "-d", "-c", Path.Combine(folder, "nsd.conf")];
    });

    /// <summary>Knot DNS, the same.</summary>
    public static Subject Knot(string folder) => Start("knot", folder, static (folder, port) =>
    {
        Directory.CreateDirectory(Path.Combine(folder, "db"));
        File.WriteAllText(Path.Combine(folder, "knot.conf"), $"""
            server:
                rundir: "{folder}"
                listen: 127.0.0.1@{Text(port)}
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1
                tcp-max-clients: 12000
                tcp-idle-timeout: 300
            database:
                storage: "{folder}/db"
            control:
                listen: "{folder}/knot.sock"
            zone:
              - domain: {ListenerBench.Zone}
                file: "{folder}/zone"
                zonefile-sync: -1
            """);
        return ["knotd", "-c", Path.Combine(folder, "knot.conf")];
    });

    /// <summary>It answers a question over UDP.</summary>
    public async Task<bool> AnswersAsync(byte[] query)
    {
        for (var began = Stopwatch.GetTimestamp(); !process.HasExited && Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(60); await Task.Delay(100))
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 500 };
            try
            {
                socket.Connect(IPAddress.Loopback, Port);
                socket.Send(query);
                var buffer = new byte[4096];
                if (Queries.IsAnswer(buffer.AsSpan(0, socket.Receive(buffer)))) return true;
            }
            catch (SocketException)
            {
                // Not yet.
            }
        }

        return false;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    static Subject Start(string name, string folder, Func<string, int, string[]> line)
    {
        var (own, port) = (Directory.CreateDirectory(Path.Combine(folder, name)).FullName, FreePort());
        File.WriteAllText(Path.Combine(own, "zone"), $"$ORIGIN {ListenerBench.Zone}.\n@ 60 SOA ns admin 1 3600 600 86400 60\n@ 60 NS ns\nns 60 A 127.0.0.1\n* 60 TXT \"Report received\"\n");
        var start = new ProcessStartInfo("taskset", ["-c", Text(Environment.ProcessorCount - 1), .. line(own, port)]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        // Where the servers are installed is not on every PATH.
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new(name, own, port, process);
    }

    IEnumerable<int> Family() => [process.Id, .. Children(process.Id)];

    static IEnumerable<int> Children(int pid) => Directory.EnumerateDirectories($"/proc/{pid}/task")
        .SelectMany(static t => File.ReadAllText(t + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(int.Parse).SelectMany(static c => (int[])[c, .. Children(c)]);

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // Free for both transports, most likely: nobody else takes ports meanwhile.
    static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
