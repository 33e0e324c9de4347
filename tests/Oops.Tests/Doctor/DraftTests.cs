using Oops.Commands;
using Oops.Config;
using Oops.Core;
using Oops.Doctor;
using Xunit;

namespace Oops.Tests.Doctor;

public sealed class DraftTests
{
    static readonly Dictionary<string, string> On = new()
    {
        ["knot"] = "server:\n rundir: /run/knot\nzone:\n - domain: a.example\n - domain: b.example\n",
        ["nsd"] = "remote-control:\n control-enable: yes\n control-interface: /run/nsd/nsd.ctl\n",
        ["bind"] = "statistics-channels { inet 127.0.0.1 port 8053; };",
        ["unbound"] = "remote-control:\n control-enable: yes\n control-interface: /run/unbound.ctl\n",
        ["powerdns"] = "webserver=yes\napi=yes\napi-key=x\n",
        ["recursor"] = "webserver=yes\napi-key=x\n",
        ["dnsdist"] = "webserver(\"127.0.0.1:8083\")\nsetWebserverConfig({apiKey=\"x\"})\n",
        ["kresd"] = "net.listen('/run/knot-resolver/control/1', nil, { kind = 'control' })",
        ["bird"] = "include \"/run/oops/bird-*.conf\";",
    };

    public static TheoryData<string> Machines => [.. On.Keys.Where(k => k != "bird").SelectMany(k => new[] { k, k + " bird" }), "knot nsd bird", string.Join(' ', On.Keys)];

    [Theory]
    [MemberData(nameof(Machines))]
    public void A_draft_passes_the_check(string machine)
    {
        var words = machine.Split(' ');
        var clinic = new Clinic { Anycast = ["192.0.2.53", "2001:db8:53::53"], Listens = ["0.0.0.0", "::"], HasSystemd = true, Unit = "dns@1.service" };
        clinic.There.UnionWith(["/run/knot/knot.pid", "/run/nsd/nsd.pid"]);
        var charts = words.Select(w => clinic.Examine(w, On[w])).ToArray();
        var draft = new Draft(charts, clinic.Around()).Write();
        Assert.NotNull(draft);
        var good = Clinic.Check(draft);
        Assert.True(good.Policy is not null, draft + string.Join('\n', good.Errors.Lines));
        Assert.Equal(Mode.Observe, good.Config!.Mode);
        Assert.Equal(words.Count(w => w != "bird"), good.Config.Servers.Count);
        Assert.Equal(words.Contains("bird") ? 2 : 0, good.Config.Routes.Count);
        Assert.DoesNotContain(good.Errors.Lines, l => l.Contains("probes an address inside", StringComparison.Ordinal));
    }

    [Fact]
    public void A_draft_expects_as_many_zones_as_are_configured()
    {
        var clinic = new Clinic();
        Assert.Contains("zones: { own: { at-least: 2 } }", new Draft([clinic.Examine("knot", On["knot"])], clinic.Around()).Write(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_wants_to_be_more_is_left_out()
    {
        var clinic = new Clinic();
        clinic.There.Add("/run/x }\nmode: act/knot.pid");
        var draft = new Draft([clinic.Examine("knot", "server:\n rundir: /run/x }\u2028mode: act\n pidfile: \"/run/x }, mode: act\"\ncontrol:\n listen: \"/run/}: [\"\n")], clinic.Around()).Write()!;
        Assert.NotNull(Clinic.Check(draft).Policy);
        Assert.DoesNotContain("mode: act", draft, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_runs_there_is_no_draft() => Assert.Null(new Draft([], new Clinic().Around()).Write());

    [Fact]
    public void What_a_foreign_file_holds_is_not_obeyed_by_the_terminal()
    {
        var clinic = new Clinic();
        var chart = clinic.Examine("bird", "include \"/run/\u001bc\u202eevil.conf\";\nprotocol bgp \u001b]0;x\u0007 { }");
        var lines = DoctorText.Lines(Report.Of(clinic.Around(), [chart])).Select(Terminal.Safe).ToArray();
        Assert.Contains(lines, l => l.Contains("\\u001bc\\u202eevil.conf", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, l => l.Any(c => char.IsControl(c) || c == '\u202e'));
    }
}
