using Oops.Doctor;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Doctor;

public sealed class ExamTests
{
    /// <summary>Each server with the least that its configuration may hold, and what is switched off there.</summary>
    public static TheoryData<string, string, string> Off => new()
    {
        { "knot", "knot.conf", "knot-dbus-off" },
        { "knot", "knot.conf", "knot-stats-off" },
        { "knot", "knot.conf", "knot-dnstap-off" },
        { "nsd", "nsd.conf", "nsd-control-off" },
        { "nsd", "nsd.conf", "nsd-dnstap-off" },
        { "bind", "", "bind-statistics-off" },
        { "unbound", "", "unbound-control-off" },
        { "unbound", "", "unbound-statistics-off" },
        { "unbound", "", "unbound-ede-off" },
        { "unbound", "", "unbound-dnstap-off" },
        { "powerdns", "pdns.conf", "powerdns-api-off" },
        { "recursor", "recursor.conf", "recursor-api-off" },
        { "recursor", "recursor.conf", "recursor-ede-off" },
        { "dnsdist", "dnsdist.conf", "dnsdist-api-off" },
        { "dnsdist", "dnsdist.conf", "dnsdist-dnstap-off" },
        { "kresd", "kresd.conf", "kresd-control-off" },
        { "kresd", "kresd.conf", "kresd-dnstap-off" },
        { "bird", "bird.conf", "bird-no-include" },
    };

    [Theory]
    [MemberData(nameof(Off))]
    public void What_is_off_is_said_and_its_lines_switch_it_on(string word, string debian, string id)
    {
        var config = debian.Length > 0 ? MemoryFiles.Debian(debian) : "\n";
        var clinic = new Clinic();
        var chart = clinic.Examine(word, config);
        var finding = Assert.Single(chart.Findings, f => f.Id == id);
        var lines = Assert.Single(finding.Remedies, r => r.File == chart.Found.ConfigPath).Lines;
        Assert.DoesNotContain(id, Clinic.Ids(clinic.Examine(word, config + "\n" + string.Join('\n', lines) + "\n")));
    }

    [Theory]
    [MemberData(nameof(Off))]
    public void Where_a_part_cannot_be_read_nothing_is_said_to_be_off(string word, string debian, string id)
    {
        var clinic = new Clinic();
        var path = Software.All.Single(s => s.Word == word).Configs[0];
        var include = word switch { "knot" => "include: /closed\n", "nsd" or "unbound" => "include: \"/closed\"\n", "bind" or "bird" => "include \"/closed\";\n", _ => "" };
        clinic.Files.Closed.Add(include.Length > 0 ? "/closed" : path);
        Assert.DoesNotContain(id, Clinic.Ids(clinic.Examine(word, include + (debian.Length > 0 ? MemoryFiles.Debian(debian) : ""))));
    }

    /// <summary>What lets others in, or takes a service down.</summary>
    public static TheoryData<string, string, string> Unsafe => new()
    {
        { "bind", "statistics-channels { inet 192.0.2.1 port 8053; };", "bind-statistics-open" },
        { "bind", "statistics-channels { inet * port 8053 allow { any; }; };", "bind-statistics-open" },
        { "bind", "controls { inet * allow { any; } keys { \"k\"; }; };", "bind-controls-open" },
        { "unbound", "remote-control:\n control-enable: yes\n control-interface: 0.0.0.0\n control-use-cert: no\n", "unbound-control-remote" },
        { "powerdns", "webserver=yes\napi=yes\napi-key=x\nwebserver-address=0.0.0.0\nwebserver-allow-from=0.0.0.0/0,::/0", "powerdns-api-open" },
        { "recursor", "webserver=yes\napi-key=x\nwebserver-address=192.0.2.1\nwebserver-allow-from=0.0.0.0/0", "recursor-api-open" },
        { "dnsdist", "webserver(\"0.0.0.0:8083\")\nsetWebserverConfig({apiKey=\"x\", acl=\"0.0.0.0/0\"})", "dnsdist-api-open" },
        { "kresd", "net.listen('0.0.0.0', 8453, { kind = 'webmgmt' })", "kresd-webmgmt-open" },
        { "gobgp", "", "gobgp-api-open" },
        { "bird", "include \"/run/oops/bird-edge.conf\";", "bird-literal-include" },
        { "bird", "include \"/etc/bird/missing.conf\";", "bird-literal-include" },
    };

    [Theory]
    [MemberData(nameof(Unsafe))]
    public void What_is_unsafe_is_said(string word, string config, string id) =>
        Assert.Equal(Grade.Unsafe, Assert.Single(new Clinic().Examine(word, config).Findings, f => f.Id == id).Grade);

    [Theory]
    [InlineData("bind", "statistics-channels { inet 127.0.0.1 port 8053; };")]
    [InlineData("bind", "statistics-channels { inet 192.0.2.1 port 8053 allow { 192.0.2.0/24; }; };")]
    [InlineData("bind", "controls { inet 127.0.0.1 allow { localhost; }; };")]
    [InlineData("unbound", "remote-control:\n control-enable: yes\n control-interface: /run/unbound.ctl\n")]
    [InlineData("powerdns", "webserver=yes\napi=yes\napi-key=x\nwebserver-address=0.0.0.0\n")]
    [InlineData("dnsdist", "webserver(\"0.0.0.0:8083\")\nsetWebserverConfig({apiKey=\"x\"})")]
    [InlineData("bird", "include \"/run/oops/bird-*.conf\";")]
    public void What_is_safe_is_not_called_unsafe(string word, string config) =>
        Assert.DoesNotContain(new Clinic().Examine(word, config).Findings, f => f.Grade == Grade.Unsafe);

    [Fact]
    public void A_control_socket_that_oops_may_not_use_comes_with_the_groups_line()
    {
        var chart = new Clinic { Oops = Access.Denied }.Examine("knot", "server:\n rundir: /run/knot\n");
        Assert.Equal(["[Service]", "SupplementaryGroups=dns"], Assert.Single(Assert.Single(chart.Findings, f => f.Id == "knot-control-closed").Remedies).Lines);
    }

    [Fact]
    public void A_control_socket_that_everybody_may_use_is_unsafe() =>
        Assert.Equal(Grade.Unsafe, Assert.Single(new Clinic { Everybody = true }.Examine("knot", "server:\n rundir: /run/knot\n").Findings, f => f.Id == "knot-control-open").Grade);

    [Theory]
    [InlineData("/run/x.sock", "chmod o= /run/x.sock")]
    [InlineData("/run/x; reboot", "chmod o= '/run/x; reboot'")]
    [InlineData("/run/'$(reboot)", "chmod o= '/run/'\\''$(reboot)'")]
    [InlineData("/run/x\nreboot", null)]
    public void A_line_for_a_shell_does_no_more_than_it_says(string path, string? line) => Assert.Equal(line, Remedy.CloseToOthers(path)?.Lines[0]);

    [Fact]
    public void A_key_in_a_file_that_everybody_reads_is_unsafe()
    {
        var clinic = new Clinic();
        clinic.Readable.Add("/etc/powerdns/pdns.conf");
        Assert.Contains("powerdns-key-readable", Clinic.Ids(clinic.Examine("powerdns", "api-key=secret")));
    }

    [Fact]
    public void Signals_of_knot_without_a_bus_are_said() =>
        Assert.Contains("knot-no-bus", Clinic.Ids(new Clinic { HasBus = false }.Examine("knot", "server:\n dbus-event: [running, zone-updated, ksk-submission, dnssec-invalid]\n")));

    [Fact]
    public void An_event_of_knot_that_is_left_out_is_named_and_the_others_stay()
    {
        var finding = Assert.Single(new Clinic { Version = "3.4.1" }.Examine("knot", "server:\n dbus-event: [external-verify, running]\n").Findings, f => f.Id == "knot-dbus-partial");
        Assert.Equal("    dbus-event: [external-verify, running, zone-updated, ksk-submission, dnssec-invalid, keys-updated]", finding.Remedies[0].Lines[1]);
    }

    [Theory]
    [InlineData(100_000, false, "", "Advice")]
    [InlineData(100_000, true, "", "Unsafe")]
    [InlineData(1_000, true, "", null)]
    [InlineData(100_000, true, "notify-rate 5000; startup-notify-rate 5000;", null)]
    [InlineData(100_000, true, "notify-rate 5000;", "Unsafe")]
    public void How_long_the_last_zone_waits_for_its_notify_is_computed(int zones, bool heard, string options, string? grade)
    {
        var own = """
            mode: observe
            servers: { b: { kind: bind, address: 127.0.0.1 } }
            sources: { notify: [ { server: b, listen: [127.0.0.1@5399], zones: ["*"] } ] }
            """;
        var config = $"options {{ {options} }};\n" + string.Concat(Enumerable.Range(0, zones).Select(i => $"zone \"z{i}.example\" {{ type primary; file \"z\"; }};\n"));
        var chart = new Clinic { Own = heard ? own : null }.Examine("bind", config);
        Assert.Equal(zones, chart.Zones);
        Assert.Equal(grade, chart.Findings.FirstOrDefault(f => f.Id == "bind-notify-rate")?.Grade.ToString());
    }

    [Fact]
    public void Counters_of_unbound_that_begin_anew_are_said() =>
        Assert.Contains("unbound-statistics-reset", Clinic.Ids(new Clinic().Examine("unbound", "server:\n statistics-interval: 60\n")));

    [Fact]
    public void A_router_that_lets_our_protocols_out_and_has_BFD_has_nothing_to_say()
    {
        var clinic = new Clinic();
        clinic.There.Add("/run/oops");
        var chart = clinic.Examine("bird", """
            include "/run/oops/bird-*.conf";
            filter out { if proto ~ "oops_*" then accept; reject; }
            template bgp peers { bfd on; }
            protocol bgp up from peers { ipv4 { import none; export filter out; }; }
            protocol bgp two { hold time 30; ipv4 { export filter out; }; }
            protocol kernel { ipv4 { export where !(proto ~ "oops_*"); }; }
            """);
        Assert.Empty(chart.Findings);
    }

    [Fact]
    public void A_router_that_would_not_work_is_said()
    {
        var ids = Clinic.Ids(new Clinic().Examine("bird", """
            include "/run/oops/bird-*.conf";
            protocol bgp up { bfd off; ipv4 { export none; }; }
            protocol kernel { ipv4 { export all; }; }
            cli "/run/bird/ro.ctl" { restrict; };
            """));
        Assert.Equal(["bird-include-folder", "bird-export-filter", "bird-kernel-export", "bird-hold-time", "bird-socket-restricted"], ids);
    }

    [Fact]
    public void A_literal_include_is_replaced_by_a_glob_that_matches_the_same()
    {
        var lines = Assert.Single(new Clinic().Examine("bird", "include \"/etc/bird/x.conf\";").Findings, f => f.Id == "bird-literal-include").Remedies[0].Lines;
        Assert.Equal("include \"/etc/bird/x.con[f]\";", lines[1]);
        Assert.True(Globs.Matches("/etc/bird/x.con[f]", "/etc/bird/x.conf"));
    }

    [Fact]
    public void A_server_under_systemd_could_be_heard_there() =>
        Assert.Equal(HearingState.On, Assert.Single(new Clinic { HasSystemd = true, Unit = "knot.service" }.Examine("knot", "server:\n").Hearings, h => h.Source == "systemd").State);

    [Fact]
    public void Every_page_that_is_pointed_to_is_there() =>
        Assert.All(PointedTo, p => Assert.True(File.Exists(Path.Combine(Repository.Root, p)), p));

    static IEnumerable<string> PointedTo => typeof(Pages).GetFields().Select(f => (string)f.GetRawConstantValue()!).Where(p => p != Pages.Installed);

    [Fact]
    public void A_page_is_pointed_to_where_this_machine_has_it()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal("docs/safety.md, in the source of oops", Pages.Place(Pages.Safety, folder.File("doc")));
        Directory.CreateDirectory(folder.File("doc/docs"));
        File.WriteAllText(folder.File("doc/docs/safety.md"), "");
        Assert.Equal(folder.File("doc/docs/safety.md"), Pages.Place(Pages.Safety, folder.File("doc")));
    }

    /// <summary>The very line that a person types, but for where to.</summary>
    [Fact]
    public void Each_page_that_is_pointed_to_is_installed_by_the_line_of_the_page_that_says_how()
    {
        using var folder = new TemporaryFolder();
        var line = Assert.Single(File.ReadLines(Path.Combine(Repository.Root, "docs/operation.md")), l => l.StartsWith("find ", StringComparison.Ordinal) && l.Contains(Pages.Installed, StringComparison.Ordinal));
        using (var shell = new ChildProcess("sh", "-c", $"cd '{Repository.Root}' && {line.Replace(Pages.Installed, folder.File("doc"), StringComparison.Ordinal)}")) Assert.Equal("exit code 0", shell.Reap().ToString());
        Assert.All(PointedTo, p => Assert.Equal(folder.File("doc/" + p), Pages.Place(p, folder.File("doc"))));
    }
}
