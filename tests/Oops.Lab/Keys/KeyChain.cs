using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Oops.Lab.Harness;
using Oops.Wire.Dns;

namespace Oops.Lab.Keys;

/// <summary>
/// The whole chain on 127.0.0.1: a knotd that signs d1.test (port 5401), an NSD that takes it and notifies oops (5402), a knotd with the parent's zone test (5403), the parent's ear for NOTIFY(CDS) (5404), oops (5353), and a
/// command that writes what a person would be told.
/// </summary>
internal sealed class KeyChain : IAsyncDisposable
{
    public const string Zone = "d1.test";

    readonly string folder = Harness.Lab.FreshDirectory("keys-chain");
    readonly Socket ear = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    readonly CancellationTokenSource stop = new();
    LabProcess? signer, parent, nsd;
    Task listening = Task.CompletedTask;
    uint serial = 1;

    public OopsDaemon Oops { get; } = new();

    /// <summary>Options of an action webhook that hears of changed keys; null: there is none.</summary>
    public string? Hook { get; init; }

    /// <summary>NOTIFYs that came to the parent.</summary>
    public ConcurrentQueue<(DnsType Type, string Zone)> Notified { get; } = new();

    string SignerConfig => Path.Combine(folder, "signer.conf");

    string ToldPath => Path.Combine(folder, "told");

    string SubmittedPath => Path.Combine(folder, "submitted");

    public string[] Told => Lines(ToldPath);

    /// <summary>What the registrar's command got last.</summary>
    public string[] Submitted => Lines(SubmittedPath);

    public async Task StartAsync(string watch)
    {
        await StartSignerAsync();
        await StartNsdAsync();
        var keys = await DsAsync();
        await WriteParentAsync(keys);
        await StartParentAsync();
        ear.Bind(new IPEndPoint(IPAddress.Loopback, 5404));
        listening = ListenAsync();
        await Oops.StartAsync($$"""
            mode: act
            limits: { wall-clock: trusted }
            servers:
              ns1: { kind: nsd, address: 127.0.0.1@5402, zones: { list: [{{Zone}}] } }
            sources:
              notify: [ { server: ns1, listen: [127.0.0.1@5353], allow: [ { from: [127.0.0.1/32] } ] } ]
              keys: [ { server: ns1, parent: [127.0.0.1@5403], {{watch}} } ]
            conditions:
              broken: { kind: delegation-mismatch, severity: may-fail }
            actions:
              exec:
                - { name: tell, command: [/bin/sh, -c, 'printf "%s\n" "$OOPS_BECAUSE" >> {{ToldPath}}', tell] }
                - { name: submit, command: [/bin/sh, -c, 'cat > {{SubmittedPath}}.new && mv {{SubmittedPath}}.new {{SubmittedPath}}', submit], stdin: keys }
              webhook: [ {{(Hook is null ? "" : $"{{ name: phone, {Hook} }}")}} ]
              notify-parent:
                - { name: tell-parent, resolver: [127.0.0.1@5403], allow-private: true, timeout: 1s }
            rules:
              - { on: keys-changed, do: [ { run: tell, each: every }, { run: submit }{{(Hook is null ? "" : ", { run: phone, each: every }")}} ] }
              - { on: cds-wants-change, do: [ { run: tell, each: every }, { run: tell-parent } ] }
              - { on: delegation-mismatch, do: [ { run: tell, each: every } ] }
              - { on: broken, do: [ { run: tell, each: every } ] }
            """);
        await ShowsAsync("the keys are known and fit", z => z.Keys.Length >= 2 && !z.Findings.Any(f => f.Severity != "note"));
    }

    /// <summary>A zone as `oops keys --json` has it.</summary>
    public sealed record Shown(string[] Keys, string[] Ds, (string Kind, string Severity, string Text)[] Findings);

    public async Task<Shown> ShowsAsync(string what, Func<Shown, bool> so)
    {
        Shown? shown = null;
        string text = "";
        await Wait.UntilAsync(what, async () =>
        {
            (int code, text) = await Oops.RunAsync("keys", Zone, "--json");
            if (code != 0) return false;
            shown = Read(text);
            return so(shown);
        }, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(200), () => $"{text}\noops: {Oops.Process.Tail(20)}\nsigner: {signer!.Tail(20)}\nnsd: {nsd!.Tail()}\nparent: {parent!.Tail()}\ntold: {string.Join('\n', Told)}");
        return shown!;
    }

    public Task ToldAsync(string what) => Wait.UntilAsync($"a person is told: {what}", () => Told.Any(l => l.Contains(what, StringComparison.Ordinal)), TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(100), () => $"told: {string.Join('\n', Told)}\noops: {Oops.Process.Tail(20)}");

    public Task<string> SignerAsync(params string[] arguments) => Knotd.KnotcAsync(Path.Combine(folder, "signer.sock"), Side.Node, arguments);

    /// <summary>The DS records (SHA-256) of the KSKs that the signer has, by tag.</summary>
    public async Task<IReadOnlyDictionary<string, string>> DsAsync()
    {
        (int code, string text) = await OopsDaemon.RunProgramAsync(Harness.Lab.Find("keymgr")!, "-c", SignerConfig, Zone, "ds");
        if (code != 0) throw new InvalidOperationException(text);
        return Regex.Matches(text, @"DS (\d+) 13 2 ([0-9a-fA-F]+)").ToDictionary(m => m.Groups[1].Value, m => $"{m.Groups[1].Value} 13 2 {m.Groups[2].Value}");
    }

    /// <summary>The parent has these DS from now on.</summary>
    public async Task DelegateAsync(IReadOnlyDictionary<string, string> ds)
    {
        await WriteParentAsync(ds);
        await Knotd.KnotcAsync(Path.Combine(folder, "parent.sock"), Side.Node, "-b", "zone-reload", "test");
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Oops.DisposeAsync();
        foreach (var process in new[] { signer, parent, nsd })
            if (process is not null) await process.DisposeAsync();
        await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ear.Dispose();
        stop.Dispose();
    }

    static string[] Lines(string path) => File.Exists(path) ? File.ReadAllLines(path) : [];

    static Shown Read(string text)
    {
        using var json = JsonDocument.Parse(text);
        if (json.RootElement.GetProperty("zones").GetArrayLength() == 0) return new([], [], []);
        var zone = json.RootElement.GetProperty("zones")[0];
        return new(
            [.. zone.GetProperty("keys").EnumerateArray().Select(k => k.GetProperty("line").GetString()!)],
            [.. zone.GetProperty("ds").EnumerateArray().Select(k => k.GetProperty("line").GetString()!)],
            [.. zone.GetProperty("findings").EnumerateArray().Select(f => (f.GetProperty("kind").GetString()!, f.GetProperty("severity").GetString()!, f.GetProperty("text").GetString()!))]);
    }

    async Task StartSignerAsync()
    {
        Directory.CreateDirectory(Path.Combine(folder, "signer-db"));
        await ZoneText.WriteAsync(Path.Combine(folder, "d1.zone"), ZoneText.Of(Zone, 100, new ZoneTimers(Refresh: 60, Retry: 10, Expire: 3600)));
        await File.WriteAllTextAsync(SignerConfig, $$"""
            server:
                rundir: "{{folder}}"
                pidfile: "{{folder}}/signer.pid"
                listen: 127.0.0.1@5401
                background-workers: 1
            log:
              - target: stderr
                any: info
            database:
                storage: "{{folder}}/signer-db"
            control:
                listen: "{{folder}}/signer.sock"
            remote:
              - id: nsd
                address: 127.0.0.1@5402
            acl:
              - id: nsd
                address: 127.0.0.1
                action: transfer
            policy:
              - id: roll
                algorithm: ecdsap256sha256
                dnskey-ttl: 2
                zone-max-ttl: 5
                propagation-delay: 1
                zsk-lifetime: 0
                ksk-lifetime: 0
                cds-cdnskey-publish: rollover
            zone:
              - domain: {{Zone}}
                file: "{{folder}}/d1.zone"
                zonefile-sync: -1
                dnssec-signing: on
                dnssec-policy: roll
                notify: nsd
                acl: nsd

            """);
        signer = LabProcess.Start(Path.Combine(folder, "signer.log"), "knotd", "-c", SignerConfig);
        await Wait.UntilAsync("the signer has keys", async () => (await DsAsync()).Count > 0, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200), () => signer.Tail(20));
    }

    async Task StartNsdAsync()
    {
        string config = Path.Combine(folder, "nsd.conf");
        await File.WriteAllTextAsync(config, $"""
            {Harness.Nsd.Head(folder, null, "ip-address: 127.0.0.1@5402", "xfrd-reload-timeout: 0")}
            zone:
                name: "{Zone}"
                request-xfr: 127.0.0.1@5401 NOKEY
                allow-notify: 127.0.0.1 NOKEY
                notify: 127.0.0.1@5353 NOKEY
                notify-retry: 5

            """);
        nsd = LabProcess.Start(Path.Combine(folder, "nsd.log"), "nsd", "-d", "-c", config);
    }

    async Task WriteParentAsync(IReadOnlyDictionary<string, string> ds)
    {
        string delegation = string.Concat(ds.Values.Select(d => $"d1 86400 DS {d}\n"));
        // Knot 3.2 does not know DSYNC by its name: CDS, NOTIFY, port 5404, scan.test.
        await ZoneText.WriteAsync(Path.Combine(folder, "parent.zone"), string.Create(CultureInfo.InvariantCulture, $"""
            $ORIGIN test.
            $TTL 60
            @ SOA ns hostmaster {serial++} 3600 600 86400 60
            @ NS ns
            ns A 127.0.0.1
            scan A 127.0.0.1
            *._dsync TYPE66 \# 16 003b01151c047363616e047465737400
            d1 NS ns.d1
            ns.d1 A 127.0.0.1
            {delegation}
            """));
    }

    async Task StartParentAsync()
    {
        Directory.CreateDirectory(Path.Combine(folder, "parent-db"));
        string config = Path.Combine(folder, "parent.conf");
        await File.WriteAllTextAsync(config, $"""
            server:
                rundir: "{folder}"
                pidfile: "{folder}/parent.pid"
                listen: 127.0.0.1@5403
                background-workers: 1
            log:
              - target: stderr
                any: info
            database:
                storage: "{folder}/parent-db"
            control:
                listen: "{folder}/parent.sock"
            zone:
              - domain: test
                file: "{folder}/parent.zone"
                zonefile-sync: -1

            """);
        parent = LabProcess.Start(Path.Combine(folder, "parent.log"), "knotd", "-c", config);
        await Wait.UntilAsync("the parent answers", () => File.Exists(Path.Combine(folder, "parent.sock")), TimeSpan.FromSeconds(30), state: () => parent.Tail());
    }

    /// <summary>No server of Debian 12 takes NOTIFY(CDS): the parent's ear is the test's.</summary>
    async Task ListenAsync()
    {
        var buffer = new byte[4096];
        while (true)
        {
            var came = await ear.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stop.Token);
            if (NotifyRequest.TryRead(buffer.AsSpan(0, came.ReceivedBytes), out var notify) != NotifyReading.Notify) continue;
            Notified.Enqueue((notify.Type, notify.Zone.ToString()));
            var reply = new byte[NotifyRequest.MaxReply];
            int length = notify.WriteReply(buffer.AsSpan(0, came.ReceivedBytes), reply, DnsRcode.NoError);
            await ear.SendToAsync(reply.AsMemory(0, length), SocketFlags.None, came.RemoteEndPoint, stop.Token);
        }
    }
}
