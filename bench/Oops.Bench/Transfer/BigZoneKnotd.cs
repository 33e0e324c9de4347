using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Oops.Bench.Transfer;

/// <summary>A real knotd on 127.0.0.1 that gives one large zone to all: delegations as a top-level domain has them, every third signed, every tenth with glue.</summary>
internal sealed class BigZoneKnotd : IDisposable
{
    public const string Zone = "bench";

    readonly Process process;

    BigZoneKnotd(int port, Process process) => (Address, this.process) = (new(IPAddress.Loopback, port), process);

    public IPEndPoint Address { get; }

    public static async Task<BigZoneKnotd> StartAsync(string folder, int records)
    {
        var port = FreePort();
        Directory.CreateDirectory(Path.Combine(folder, "db"));
        await File.WriteAllTextAsync(Path.Combine(folder, "zone"), Text(records));
        await File.WriteAllTextAsync(Path.Combine(folder, "knot.conf"), $"""
            server:
                rundir: "{folder}"
                listen: 127.0.0.1@{port.ToString(CultureInfo.InvariantCulture)}
                udp-workers: 1
                tcp-workers: 1
                background-workers: 1
                tcp-remote-io-timeout: 60000
            log:
              - target: stderr
                any: warning
            database:
                storage: "{folder}/db"
            control:
                listen: "{folder}/knot.sock"
            acl:
              - id: all
                address: 127.0.0.1
                action: transfer
            zone:
              - domain: {Zone}
                file: "{folder}/zone"
                zonefile-sync: -1
                journal-content: none
                acl: all

            """);
        var start = new ProcessStartInfo("knotd", ["-c", Path.Combine(folder, "knot.conf")]) { UseShellExecute = false };
        // Where the servers are installed is not on every PATH.
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
        return new(port, Process.Start(start)!);
    }

    /// <summary>Seconds that `kdig +noall axfr` takes, which prints the records all the same; 0: it failed.</summary>
    public async Task<double> KdigAsync()
    {
        var began = Stopwatch.GetTimestamp();
        using var kdig = Process.Start(new ProcessStartInfo("kdig", ["+noall", "+time=60", "-p", Address.Port.ToString(CultureInfo.InvariantCulture), "@127.0.0.1", Zone, "axfr"]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        await kdig.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        await kdig.WaitForExitAsync();
        return kdig.ExitCode == 0 ? Stopwatch.GetElapsedTime(began).TotalSeconds : 0;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }

    static string Text(int records)
    {
        var text = new StringBuilder("$TTL 3600\n@ SOA ns hostmaster 1 3600 600 86400 300\n@ NS ns\nns A 192.0.2.1\n");
        for (var (i, left) = (0, records - 4); left > 0; i++) // with the SOA at the end
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"domain-{i * 7919L % 1_000_003:x}");
            Add($"{name} NS ns1.hoster-{i % 500}.net.");
            Add($"{name} NS ns2.hoster-{i % 500}.net.");
            if (i % 3 == 0) Add($"{name} DS {i % 65536} 13 2 {i:x8}{new string('a', 56)}");
            if (i % 10 == 0) Add(string.Create(CultureInfo.InvariantCulture, $"ns.{name} A 192.0.2.{i % 256}"));

            void Add(string line)
            {
                if (left-- > 0) text.Append(line).Append('\n');
            }
        }

        return text.ToString();
    }

    static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
