using System.Net.Sockets;
using System.Text.Json;
using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Doctor;

/// <summary>`oops doctor` over what really runs.</summary>
public sealed class DoctorLabTests
{
    static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Each_server_and_router_that_runs_is_found_with_what_is_off_and_unsafe()
    {
        await using var ward = await AllAsync();
        await File.WriteAllTextAsync(ward.OwnConfig, Own(ward));
        await Wait.UntilAsync("all are found, and where they listen", async () => Listening(await ward.ReportAsync()) == 5, Generous, TimeSpan.FromSeconds(1), () => Tails(ward));

        var report = await ward.ReportAsync();
        Assert.Equal(1, report.GetProperty("v").GetInt32());
        foreach (var (id, version) in new[] { ("server/knot", "knotd"), ("server/nsd", "nsd"), ("server/bind", "named"), ("server/unbound", "unbound"), ("server/powerdns", "pdns_server"), ("router/bird", "bird") })
        {
            var found = Found(report, id);
            Assert.True(found.GetProperty("running").GetBoolean(), id);
            Assert.Equal(ward.Process(id.Split('/')[1]).Pid, found.GetProperty("pid").GetInt32());
            if (RootOwnsPrograms()) Assert.Matches(@"^[0-9]+\.[0-9]+", found.GetProperty("version").GetString()!);
            else Assert.Contains(found.GetProperty("unseen").EnumerateArray(), u => u.GetString()!.Contains("is not run", StringComparison.Ordinal));
            Assert.True(found.GetProperty("config_read").GetBoolean(), id);
            Assert.EndsWith(version, found.GetProperty("executable").GetString(), StringComparison.Ordinal);
        }

        Assert.Contains("127.0.0.1@5312", Found(report, "server/nsd").GetProperty("listens").EnumerateArray().Select(l => l.GetString()));
        var ids = report.GetProperty("findings").EnumerateArray().Select(f => $"{f.GetProperty("severity").GetString()} {f.GetProperty("id").GetString()}").ToHashSet();
        string[] expected =
        [
            "unsafe bird-literal-include", "unsafe probe-outside-prefix", "advice knot-dbus-off", "advice nsd-control-off", "advice bind-statistics-off", "advice unbound-control-off",
            "advice unbound-statistics-off", "advice unbound-ede-off", "advice powerdns-api-off", "advice bird-hold-time", "advice server-without-process",
        ];
        Assert.Empty(expected.Except(ids));
        Assert.Contains("192.0.2.53", report.GetProperty("anycast").EnumerateArray().Select(a => a.GetString()));
        var (code, text) = await ward.AskAsync("--config", ward.OwnConfig);
        Assert.Equal(1, code);
        Assert.Contains("UNSAFE bird-literal-include", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', text);
    }

    [Fact]
    public async Task The_lines_that_are_printed_end_what_was_found()
    {
        await using var ward = await AllAsync();
        await File.WriteAllTextAsync(ward.OwnConfig, Own(ward));
        foreach (var (word, id) in new[] { ("knot", "knot-dbus-off"), ("nsd", "nsd-control-off"), ("bind", "bind-statistics-off"), ("unbound", "unbound-statistics-off"), ("unbound", "unbound-ede-off"), ("powerdns", "powerdns-api-off") })
        {
            var lines = Assert.Contains(id, await ward.FindingsAsync(word));
            Assert.NotEmpty(lines);
            await File.AppendAllTextAsync(ward.ConfigOf(word), "\n" + string.Join('\n', lines) + "\n");
        }

        var config = await File.ReadAllTextAsync(ward.ConfigOf("bird"));
        var include = Assert.Contains("bird-literal-include", await ward.FindingsAsync("bird"));
        Assert.Contains(include[0].Replace("# instead of: ", "", StringComparison.Ordinal), config, StringComparison.Ordinal);
        await File.WriteAllTextAsync(ward.ConfigOf("bird"), config.Replace(include[0].Replace("# instead of: ", "", StringComparison.Ordinal), include[1], StringComparison.Ordinal));
        // What the literal include had kept from starting.
        File.Delete(Path.Combine(ward.Folder, "bird/oops/bird-edge.conf"));

        foreach (var word in new[] { "knot", "nsd", "bind", "unbound", "powerdns", "bird" }) await ward.StartAsync(word);
        await Wait.UntilAsync("they run with the lines, and where they listen is seen", async () => Listening(await ward.ReportAsync()) == 5 && File.Exists(Path.Combine(ward.Folder, "bird/bird.ctl")), Generous, TimeSpan.FromSeconds(1), () => Tails(ward));
        var report = await ward.ReportAsync();
        var ids = report.GetProperty("findings").EnumerateArray().Select(f => f.GetProperty("id").GetString()).ToHashSet();
        string[] over = ["knot-dbus-off", "nsd-control-off", "bind-statistics-off", "unbound-statistics-off", "unbound-ede-off", "powerdns-api-off", "bird-literal-include"];
        Assert.Empty(over.Intersect(ids));
        // They are on indeed, not only written.
        await Wait.UntilAsync("BIND's statistics channel listens", () => Connects(8053), Generous, state: () => Tails(ward));
        await Wait.UntilAsync("PowerDNS's API listens", () => Connects(8081), Generous, state: () => Tails(ward));
        await Wait.UntilAsync("NSD's control socket is there", () => File.Exists(Found(report, "server/nsd").GetProperty("control").GetProperty("path").GetString()), Generous, state: () => Tails(ward));
        Assert.All(new[] { "knot", "nsd", "bind", "unbound", "powerdns", "bird" }, w => Assert.True(ward.Process(w).Running, ward.Process(w).Tail()));
    }

    [Fact]
    public async Task A_draft_for_what_runs_passes_the_check()
    {
        await using var ward = await AllAsync();
        await Wait.UntilAsync("all are found, and where they listen", async () => Listening(await ward.ReportAsync()) == 5, Generous, TimeSpan.FromSeconds(1), () => Tails(ward));
        var (code, draft) = await ward.AskAsync("--config-draft");
        Assert.True(code == 0, draft);
        Assert.Contains("routes:", draft, StringComparison.Ordinal);
        var path = Path.Combine(ward.Folder, "draft.yaml");
        await File.WriteAllTextAsync(path, draft + "\n");
        var (checkedCode, text) = await OopsDaemon.RunProgramAsync(OopsDaemon.Binary!, "check", path);
        Assert.True(checkedCode == 0, draft + "\n" + text);
    }

    [Fact]
    public async Task A_user_with_no_rights_is_told_what_was_not_seen()
    {
        await using var users = await OtherUserAsync();
        await using var ward = await AllAsync();
        await Wait.UntilAsync("all are found, and where they listen", async () => Listening(await ward.ReportAsync()) == 5, Generous, TimeSpan.FromSeconds(1), () => Tails(ward));
        var (_, text) = await OopsDaemon.RunProgramAsync(users.Line(Daemon.OtherUser.Stranger, Daemon.OtherUser.Stranger, "doctor"));
        Assert.Contains("Not seen: this is not root", text, StringComparison.Ordinal);
        Assert.Contains("is shown to root and to its own user only", text, StringComparison.Ordinal);
        Assert.Contains("NSD", text, StringComparison.Ordinal);
    }

    static Task<Daemon.OtherUser> OtherUserAsync() => Daemon.OtherUser.PrepareAsync();

    static async Task<Ward> AllAsync()
    {
        LabRequires.Programs("knotd", "nsd", "named", "unbound", "pdns_server", "bird");
        var ward = new Ward();
        await ward.AdmitAsync("knot", "knot.conf", "server:\n    rundir: \"HERE\"\n    listen: [ 127.0.0.1@53, 192.0.2.53@53 ]\nlog:\n  - target: stderr\n    any: info\ndatabase:\n    storage: \"HERE\"\n", "knotd", "-c", "HERE/knot.conf");
        await ward.AdmitAsync("nsd", "nsd.conf", """
            server:
                ip-address: 127.0.0.1@5312
                username: ""
                chroot: ""
                zonesdir: "HERE"
                database: ""
                pidfile: "HERE/nsd.pid"
                xfrdfile: "HERE/xfrd.state"
                xfrdir: "HERE"
                zonelistfile: "HERE/zone.list"
                server-count: 2
            """, "nsd", "-d", "-c", "HERE/nsd.conf");
        await ward.AdmitAsync("bind", "named.conf", """
            options {
                directory "HERE"; pid-file "HERE/named.pid"; lock-file none; session-keyfile "HERE/session.key"; managed-keys-directory "HERE";
                listen-on port 5311 { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; dnssec-validation no;
            };
            controls { };
            """, "named", "-f", "-c", "HERE/named.conf");
        await ward.AdmitAsync("unbound", "unbound.conf", """
            server:
                directory: "HERE"
                chroot: ""
                username: ""
                pidfile: "HERE/unbound.pid"
                use-syslog: no
                do-daemonize: no
                interface: 127.0.0.1@5313
                port: 5313
                module-config: "iterator"
            """, "unbound", "-d", "-c", "HERE/unbound.conf");
        await File.WriteAllTextAsync(Path.Combine(ward.Folder, "pdns.sqlite3"), "");
        await ward.AdmitAsync("powerdns", "pdns.conf", $"""
            launch=gsqlite3
            gsqlite3-database={ward.Folder}/pdns.sqlite3
            zone-cache-refresh-interval=0
            local-address=127.0.0.1
            local-port=5314
            config-dir=HERE
            socket-dir=HERE
            setuid=
            setgid=
            guardian=no
            daemon=no
            disable-syslog=yes
            security-poll-suffix=
            """, "pdns_server", "--config-dir=HERE");
        var include = Path.Combine(ward.Folder, "bird/oops");
        Directory.CreateDirectory(include);
        await File.WriteAllTextAsync(Path.Combine(include, "bird-edge.conf"), "");
        await ward.AdmitAsync("bird", "bird.conf", $$"""
            router id {{Harness.Lab.Node4}};
            protocol device {}
            include "HERE/oops/bird-edge.conf";
            protocol bgp up { local {{Harness.Lab.Node4}} as {{Harness.Lab.NodeAs}}; neighbor {{Harness.Lab.Upstream4}} as {{Harness.Lab.UpstreamAs}}; ipv4 { import none; export none; }; }
            """, "bird", "-f", "-c", "HERE/bird.conf", "-s", "HERE/bird.ctl", "-P", "HERE/bird.pid");
        return ward;
    }

    // A probe beside the route's address, and no source for the process.
    static string Own(Ward ward) => $$"""
        mode: observe
        servers: { ns1: { kind: knot, address: 127.0.0.1, zones: { list: [example] } } }
        sources: { knot: [ { server: ns1 } ], probe: [ { server: ns1, to: [127.0.0.1] } ] }
        actions: { bird: [ { name: edge, socket: {{ward.Folder}}/bird/bird.ctl, include: "{{ward.Folder}}/bird/oops/bird-*.conf", config: {{ward.Folder}}/bird/bird.conf } ] }
        routes: { anycast: { prefixes: [192.0.2.53/32], via: edge, announce-when: [server-running, all-zones-ready] } }

        """;

    static int Listening(JsonElement report) => report.GetProperty("servers").EnumerateArray().Count(s => s.GetProperty("running").GetBoolean() && s.GetProperty("listens").GetArrayLength() > 0);

    static JsonElement Found(JsonElement report, string id) =>
        report.GetProperty("servers").EnumerateArray().Concat(report.GetProperty("routers").EnumerateArray()).Single(s => s.GetProperty("id").GetString() == id);

    // In a plain user's laboratory root's files are nobody's, and their programs are not run.
    static bool RootOwnsPrograms() => Oops.Doctor.Permissions.IsRootsProgram(Harness.Lab.Find("knotd")!);

    static bool Connects(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Connect(System.Net.IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    static string Tails(Ward ward) => string.Join('\n', new[] { "knot", "nsd", "bind", "unbound", "powerdns", "bird" }.Select(w => ward.Process(w).Tail(6)));
}
