using System.Net;
using Oops.Doctor;
using Xunit;

namespace Oops.Tests.Doctor;

public sealed class LookTests
{
    [Theory]
    [InlineData("knot", "knotd (Knot DNS), version 3.2.6", "3.2.6")]
    [InlineData("nsd", "NSD version 4.6.1", "4.6.1")]
    [InlineData("bind", "BIND 9.18.49-1~deb12u3-Debian (Extended Support Version) <id:>", "9.18.49-1~deb12u3-Debian")]
    [InlineData("unbound", "Version 1.17.1", "1.17.1")]
    [InlineData("powerdns", "Nov 27 02:25:30 PowerDNS Authoritative Server 4.7.3 (C) 2001-2022 PowerDNS.COM BV", "4.7.3")]
    [InlineData("recursor", "Nov 27 02:25:30 PowerDNS Recursor 4.8.8 (C) 2001-2022 PowerDNS.COM BV", "4.8.8")]
    [InlineData("dnsdist", "dnsdist 1.7.3 (Lua 5.1.4 [LuaJIT 2.1.0-beta3])", "1.7.3")]
    [InlineData("kresd", "Knot Resolver, version 5.6.0", "5.6.0")]
    [InlineData("bird", "BIRD version 2.0.12", "2.0.12")]
    [InlineData("frr", "bgpd version 8.4.4", "8.4.4")]
    [InlineData("gobgp", "gobgpd version 3.10.0", "3.10.0")]
    [InlineData("bird", "BIRD version \u001b[2J", null)]
    [InlineData("bird", "", null)]
    public void A_version_is_found_in_what_the_program_prints(string word, string line, string? version) =>
        Assert.Equal(version, Software.All.Single(s => s.Word == word).VersionIn(["a remark", line]));

    [Fact]
    public void Only_a_program_that_nobody_but_root_can_have_written_is_run()
    {
        var mine = Path.Combine(Path.GetTempPath(), $"doctor-{Environment.ProcessId}-knotd");
        File.WriteAllText(mine, "#!/bin/sh\necho version 9.9.9\n");
        File.SetUnixFileMode(mine, (UnixFileMode)0b111_101_101);
        try
        {
            Assert.False(Permissions.IsRootsProgram(mine));
            Assert.False(Permissions.IsRootsProgram("knotd"));
            Assert.False(Permissions.IsRootsProgram("/nowhere/knotd"));
            Assert.False(Permissions.IsRootsProgram("/usr/sbin"));
        }
        finally
        {
            File.Delete(mine);
        }
    }

    [Fact]
    public void The_kernels_tables_give_the_addresses_that_wait()
    {
        string[] tcp =
        [
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
            "   0: 350200C0:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 11 1 0 100 0 0 10 0",
            "   1: 0100007F:0035 0100007F:9999 01 00000000:00000000 00:00000000 00000000     0        0 12 1 0 100 0 0 10 0",
            "nonsense", "   2: 0100007F:00 x",
        ];
        string[] six = ["   0: B80D01200000530000000000530000 00:0000 07 x", "   0: B80D0120000053000000000053000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 13 2 0"];
        string[] udp = ["  10: 350200C0:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 14 2 0", "  11: 00000000:C001 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 15 2 0"];
        var listens = SocketTable.Dns(new HashSet<long> { 11, 12, 13, 14, 15 }, SocketTable.Parse(tcp, true), SocketTable.Parse(udp, false)).ToArray();
        Assert.Equal([IPEndPoint.Parse("192.0.2.53:53")], listens);
        Assert.Equal([IPEndPoint.Parse("[2001:db8:53::53]:53")], SocketTable.Parse(six, false).Select(s => s.Local));
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1:5")]
    [InlineData("192.0.2.1@53", "192.0.2.1:53")]
    [InlineData("192.0.2.1:8053", "192.0.2.1:8053")]
    [InlineData("[2001:db8::1]:53", "[2001:db8::1]:53")]
    [InlineData("2001:db8::1@53", "[2001:db8::1]:53")]
    [InlineData("\"0.0.0.0\"", "0.0.0.0:5")]
    [InlineData("eth0", null)]
    [InlineData("192.0.2.1@0", null)]
    [InlineData("192.0.2.1@99999", null)]
    [InlineData("127.1", null)]
    [InlineData("", null)]
    public void Addresses_are_read_as_the_servers_write_them(string text, string? endpoint)
    {
        Assert.Equal(endpoint is not null, Addresses.TryParse(text, 5, out var read));
        if (endpoint is not null) Assert.Equal(IPEndPoint.Parse(endpoint), read);
    }

    [Theory]
    [InlineData("/run/oops/bird-*.conf", "/run/oops/bird-edge.conf", true)]
    [InlineData("/run/oops/bird-*.conf", "/run/oops/bird-.conf", true)]
    [InlineData("/run/oops/bird-*.conf", "/run/oops/x/bird-edge.conf", false)]
    [InlineData("/run/*.conf", "/run/oops/bird.conf", false)]
    [InlineData("/a/?.conf", "/a/b.conf", true)]
    [InlineData("/a/*a*a*a*a*a*a*a*b", "/a/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    [InlineData("/a/[", "/a/[", true)]
    public void A_glob_matches_within_its_folder(string pattern, string path, bool matches) => Assert.Equal(matches, Globs.Matches(pattern, path));

    [Fact]
    public void What_is_no_regular_file_is_not_opened() => Assert.Equal("it is no regular file", HostFiles.Instance.Read("/dev/zero", 1000).Why);

    [Fact]
    public void The_word_after_an_option_is_found_in_each_of_its_forms()
    {
        var found = new Clinic { Arguments = ["-P", "", "-s/run/x", "--config-dir=/etc/y"] }.Found("nsd");
        Assert.Equal(("", "/run/x", "/etc/y"), (found.Argument("-P"), found.Argument("-s", "--socket"), found.Argument("--config-dir")));
        Assert.Null(found.Argument("-c"));
    }
}
