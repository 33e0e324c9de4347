using Oops.Doctor.Reading;
using Xunit;

namespace Oops.Tests.Doctor;

public sealed class ReadingTests
{
    static Statement Read(ConfigFormat format, string text) => ConfigReading.Read(format, "/x.conf", new MemoryFiles { ["/x.conf"] = text }).Root;

    [Fact]
    public void Knots_own_configuration_of_Debian_is_read()
    {
        var root = Read(ConfigFormat.Knot, MemoryFiles.Debian("knot.conf"));
        Assert.Equal("/run/knot", root.Value("server", "rundir"));
        Assert.Equal("%s.zone", root.Value("template", "file"));
        Assert.Empty(root.Find("server", "dbus-event"));
    }

    [Fact]
    public void Items_lists_comments_and_quotes_of_knot_are_read()
    {
        var root = Read(ConfigFormat.Knot, """
            server:
                # dbus-event: none
                dbus-event: [ running,
                    "zone-updated" ]   # and no more
                listen: [ 127.0.0.1@53, ::1@53 ]
            zone:
              - domain: a.example
                notify: [x, y]
              - domain: "b#c.example"
            """);
        Assert.Equal(["running", "zone-updated"], root.Last("server", "dbus-event")!.Values);
        Assert.Equal(["127.0.0.1@53", "::1@53"], root.Last("server", "listen")!.Values);
        Assert.Equal(["a.example", "b#c.example"], root.Find("zone", "domain").Select(d => d.First));
        Assert.Equal(3, root.Last("server", "dbus-event")!.At.Line);
    }

    [Fact]
    public void BINDs_own_configuration_of_Debian_is_read_with_what_it_includes()
    {
        var files = new MemoryFiles();
        foreach (var name in new[] { "named.conf", "named.conf.options", "named.conf.local", "named.conf.default-zones" }) files["/etc/bind/" + name] = MemoryFiles.Debian(name);
        var reading = ConfigReading.Read(ConfigFormat.Named, "/etc/bind/named.conf", files);
        Assert.True(reading.Complete);
        Assert.Equal(4, reading.Files.Count);
        Assert.Equal("/var/cache/bind", reading.Root.Value("options", "directory"));
        Assert.Equal(["any"], reading.Root.Last("options", "listen-on-v6")!.Within.Select(e => e.Name));
        Assert.Equal([".", "localhost", "127.in-addr.arpa", "0.in-addr.arpa", "255.in-addr.arpa"], reading.Root.Find("zone").Select(z => z.First));
    }

    [Fact]
    public void A_statement_of_BIND_goes_on_after_its_blocks()
    {
        var root = Read(ConfigFormat.Named, "controls { inet 127.0.0.1 port 9531 allow { 127.0.0.1; } keys { \"k\"; }; };\nzone \"z\" { type primary; };");
        var inet = Assert.Single(root.Find("controls", "inet"));
        Assert.Equal(["127.0.0.1", "port", "9531", "allow", "keys"], inet.Values);
        Assert.Equal(["127.0.0.1", "k"], inet.Within.Select(e => e.Name));
        Assert.Single(root.Find("zone"));
    }

    [Fact]
    public void Unbounds_own_configuration_of_Debian_is_read_with_what_it_includes()
    {
        var files = new MemoryFiles { ["/etc/unbound/unbound.conf"] = MemoryFiles.Debian("unbound.conf") };
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests/vectors/doctor/unbound.conf.d"))) files["/etc/unbound/unbound.conf.d/" + Path.GetFileName(file)] = File.ReadAllText(file);
        var root = ConfigReading.Read(ConfigFormat.Colon, "/etc/unbound/unbound.conf", files).Root;
        Assert.Equal("/run/unbound.ctl", root.Value("remote-control", "control-interface"));
        Assert.Equal("/var/lib/unbound/root.key", root.Value("server", "auto-trust-anchor-file"));
    }

    [Fact]
    public void An_included_file_of_NSD_leaves_the_section_as_it_was()
    {
        var files = new MemoryFiles { ["/n.conf"] = "server: port: 5353\n include: \"sub.conf\"\n ip-address: 2001:db8::\n", ["/sub.conf"] = "verbosity: 2\nzone:\n name: a.example\n" };
        var root = ConfigReading.Read(ConfigFormat.Colon, "/n.conf", files).Root;
        Assert.Equal("5353", root.Value("server", "port"));
        Assert.Equal("2", root.Value("server", "verbosity"));
        Assert.Equal("2001:db8::", root.Value("server", "ip-address"));
        Assert.Equal("a.example", root.Value("zone", "name"));
    }

    [Fact]
    public void Settings_of_PowerDNS_come_from_its_folder_too_and_the_last_counts()
    {
        var files = new MemoryFiles { ["/etc/powerdns/pdns.conf"] = MemoryFiles.Debian("pdns.conf") + "\napi=no # for now\n", ["/etc/powerdns/pdns.d/x.conf"] = "api=yes\nlaunch+=bind\napi-key=a#b", ["/etc/powerdns/pdns.d/y.txt"] = "api=no" };
        var root = ConfigReading.Read(ConfigFormat.Equals, "/etc/powerdns/pdns.conf", files).Root;
        Assert.Equal("yes", root.Value("api"));
        Assert.Equal("a#b", root.Value("api-key"));
    }

    [Fact]
    public void Calls_of_Lua_are_read_and_comments_are_not()
    {
        var root = Read(ConfigFormat.Lua, """
            -- webserver("0.0.0.0:1")
            --[[ setKey("no")
            ]]
            webserver("127.0.0.1:8083") -- and "more"
            addAction(AllRule(), DnstapLogAction("id", fs))
            modules = { 'stats', 'http' }
            """);
        Assert.Equal("\"127.0.0.1:8083\"", root.Value("webserver"));
        Assert.Equal(4, root.Last("webserver")!.At.Line);
        Assert.Empty(root.Find("setKey"));
        Assert.Single(root.Find("DnstapLogAction"));
        Assert.Contains("'http'", root.Value("modules"), StringComparison.Ordinal);
        Assert.Equal(4, Read(ConfigFormat.Lua, MemoryFiles.Debian("kresd.conf")).Find("net.listen").Count());
    }

    [Fact]
    public void BIRDs_own_configuration_of_Debian_is_read()
    {
        var root = Read(ConfigFormat.Brace, MemoryFiles.Debian("bird.conf"));
        Assert.Equal(["device", "direct", "kernel", "kernel", "static"], root.Find("protocol").Select(p => p.First));
        Assert.Equal("all", root.Last("protocol", "ipv6", "export")!.First);
    }

    [Fact]
    public void What_includes_itself_is_read_once_and_said()
    {
        var reading = ConfigReading.Read(ConfigFormat.Named, "/a.conf", new MemoryFiles { ["/a.conf"] = "include \"/b.conf\"; one;", ["/b.conf"] = "include \"/a.conf\"; two;" });
        Assert.Equal(["include", "include", "two", "one"], reading.Root.Within.Select(e => e.Name));
        Assert.Contains("includes itself", Assert.Single(reading.Gaps), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_may_not_be_read_is_a_gap_and_not_an_absence()
    {
        var files = new MemoryFiles { ["/a.conf"] = "include \"/b.conf\";" };
        files.Closed.Add("/b.conf");
        var reading = ConfigReading.Read(ConfigFormat.Named, "/a.conf", files);
        Assert.False(reading.Complete);
        Assert.Equal(["cannot read /b.conf: permission denied"], reading.Gaps);
        Assert.False(Assert.Single(reading.Includes).Missing);
    }

    [Theory]
    [InlineData("{", 1_000_000)]
    [InlineData("}", 1_000_000)]
    [InlineData("a{", 500_000)]
    [InlineData("f(", 300_000)]
    [InlineData("\"", 999_999)]
    [InlineData("x = {", 200_000)]
    [InlineData("a: [\n", 100_000)]
    [InlineData("- a: b\n", 200_000)]
    [InlineData("key=\\\n", 200_000)]
    [InlineData("include: \"*\"\n", 50_000)]
    [InlineData("/*", 500_000)]
    [InlineData("--[[", 300_000)]
    [InlineData("server: ", 200_000)]
    public void A_hostile_file_is_read_within_bounds(string piece, int times)
    {
        var text = string.Concat(Enumerable.Repeat(piece, times));
        foreach (var format in Enum.GetValues<ConfigFormat>())
        {
            var root = Read(format, text);
            Assert.True(root.All().Count() <= StatementBuilder.Most);
        }
    }

    [Fact]
    public void Any_bytes_are_read_without_a_fault()
    {
        var random = new Random(4711);
        var bits = "server:zone{};\"'\\#/*=[]()-,\n\r\0 \u001b include key a1.@:".ToCharArray();
        for (var run = 0; run < 2_000; run++)
        {
            var text = new string(random.GetItems(bits, random.Next(300)));
            foreach (var format in Enum.GetValues<ConfigFormat>()) _ = Read(format, text).All().Count();
        }
    }
}
