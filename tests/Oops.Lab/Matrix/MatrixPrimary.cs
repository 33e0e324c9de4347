using System.Text;
using Oops.Lab.Harness;
using Oops.Lab.Matrix.Plans;

namespace Oops.Lab.Matrix;

/// <summary>The primary of the matrix: a knotd on the upstream's side that gives its zones to every server of the lab, as a whole or by differences, and notifies the node.</summary>
internal sealed class MatrixPrimary(SiteOptions options) : IAsyncDisposable
{
    /// <summary>A zone of its own, without signatures: to a resolver that is told of a key it is bogus.</summary>
    public const string Bogus = "bogus.test";

    readonly string directory = Harness.Lab.FreshDirectory("primary");
    readonly Dictionary<string, uint> serials = options.Zones.ToDictionary(z => z, _ => 100u);
    bool gives = true;
    LabProcess? process;

    public LabProcess Process => process ?? throw new InvalidOperationException("not started");

    string Control => Path.Combine(directory, "knot.sock");

    string ConfigPath => Path.Combine(directory, "knot.conf");

    public async Task StartAsync()
    {
        foreach (string zone in serials.Keys)
            await WriteZoneAsync(zone);
        await File.WriteAllTextAsync(PathOf(Bogus), ZoneText.Of(Bogus, 1, new ZoneTimers()));
        await WriteConfigAsync();
        process = LabProcess.Start(Path.Combine(directory, "knot.log"), Side.Upstream, null, "knotd", "-c", ConfigPath);
        await Wait.UntilAsync("the primary answers", async () => File.Exists(Control) && (await LastStatusAsync()).Contains($"serial: {serials.Values.Last()}", StringComparison.Ordinal),
            TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(100), () => process.Tail());
    }

    /// <summary>It is gone at once: from now on each refresh fails.</summary>
    public async Task BreakAsync()
    {
        await Process.EndAsync(LabProcess.KillNow);
        File.Delete(Control);
    }

    /// <summary>A new serial; where it runs, the node is notified.</summary>
    public async Task<uint> UpdateAsync(string zone)
    {
        serials[zone]++;
        await WriteZoneAsync(zone);
        if (process is { Running: true }) await KnotcAsync("zone-reload", zone);
        return serials[zone];
    }

    /// <summary>A zone of a text of its own, which has the serial that it is given.</summary>
    public async Task<uint> UpdateAsync(string zone, Func<uint, Task<string>> text)
    {
        serials[zone]++;
        await ZoneText.WriteAsync(PathOf(zone), await text(serials[zone]));
        await KnotcAsync("zone-reload", zone);
        return serials[zone];
    }

    /// <summary>Whether it gives its zones away; their serials it tells all the same.</summary>
    public async Task GiveAsync(bool give)
    {
        gives = give;
        await WriteConfigAsync();
        await KnotcAsync("reload");
    }

    /// <summary>Tells the node that there may be news.</summary>
    public Task NotifyAsync(string zone) => KnotcAsync("zone-notify", zone);

    /// <summary>How often it has given a zone away so: "IXFR" or "AXFR".</summary>
    public int Given(string how) => File.ReadLines(Process.Output).Count(l => l.Contains(how + ", outgoing", StringComparison.Ordinal) && l.Contains("finished", StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
            await process.DisposeAsync();
    }

    string PathOf(string zone) => Path.Combine(directory, zone + ".zone");

    Task<string> KnotcAsync(params string[] arguments) => Knotd.KnotcAsync(Control, Side.Upstream, arguments);

    async Task<string> LastStatusAsync()
    {
        try
        {
            return await KnotcAsync("zone-status", serials.Keys.Last());
        }
        catch (InvalidOperationException)
        {
            return "";
        }
    }

    async Task WriteZoneAsync(string zone) => await ZoneText.WriteAsync(PathOf(zone),
        options.Validates ? await SignedZone.OfAsync(zone, serials[zone], DateTimeOffset.UtcNow.AddHours(1)) : ZoneText.Of(zone, serials[zone], options.Timers));

    async Task WriteConfigAsync()
    {
        var text = new StringBuilder($"""
            server:
                rundir: "{directory}"
                pidfile: "{directory}/knot.pid"
                listen: [ "{Harness.Lab.Upstream4}@53" ]
                tcp-reuseport: off
                udp-workers: 1
                tcp-workers: 2
                background-workers: 2
            log:
              - target: stderr
                any: info
            database:
                storage: "{directory}"
            control:
                listen: "{Control}"
            remote:
              - id: node
                address: {Harness.Lab.Node4}@53
            acl:
              - id: lab
                address: 10.99.0.0/24
                action: transfer
            template:
              - id: default
                zonefile-sync: -1
                zonefile-load: {(options.Differences ? "difference" : "whole")}
                journal-content: {(options.Differences ? "changes" : "none")}
                notify: node
                {(gives ? "acl: lab" : "")}
              - id: own
                zonefile-load: whole
                journal-content: none
            zone:
              - domain: {Bogus}
                template: own
                file: "{PathOf(Bogus)}"

            """);
        foreach (string zone in serials.Keys)
            text.Append($"  - domain: {zone}\n    file: \"{PathOf(zone)}\"\n");
        await File.WriteAllTextAsync(ConfigPath, text.ToString());
    }
}
