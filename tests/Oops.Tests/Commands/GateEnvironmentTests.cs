using Oops.Commands;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Commands;

public sealed class GateEnvironmentTests
{
    [Fact]
    public void Nobody_asks_where_no_zone_is_named()
    {
        Assert.Null(Read("CASCADE_SERVER=127.0.0.1:53", "VERIFY_IP_ADDRESS=127.0.0.1", "VERIFY_ZONE=").Value);
        Assert.Equal("", Read().Why);
    }

    [Fact]
    public void NSD_gives_the_zone_on_standard_input_or_an_address()
    {
        var fed = Read("VERIFY_ZONE=Example.", "VERIFY_ZONE_ON_STDIN=yes", "VERIFY_IP_ADDRESS=127.0.0.1", "VERIFY_PORT=5304").Value!;
        Assert.Equal(("NSD", "example", "127.0.0.1@5304", (uint?)null, (bool?)true), (fed.By, fed.Zone.ToString(), fed.From.ToString(), fed.Serial, fed.Fed));
        Assert.False(Read("VERIFY_ZONE=example", "VERIFY_ZONE_ON_STDIN=no").Value!.Fed);
    }

    [Theory]
    [InlineData("127.0.0.1@4541", "CASCADE_SERVER_IP=127.0.0.1", "CASCADE_SERVER_PORT=4541", "CASCADE_SERVER=127.0.0.1:4541")]
    [InlineData("::1@4541", "CASCADE_SERVER_IP=::1", "CASCADE_SERVER_PORT=4541")]
    [InlineData("127.0.0.1@4541", "CASCADE_SERVER=127.0.0.1:4541")]
    [InlineData("::1@4541", "CASCADE_SERVER=[::1]:4541")]
    public void Cascade_gives_the_address_of_its_review_server_in_two_ways(string from, params string[] variables)
    {
        var asked = Read(["CASCADE_ZONE=example", "CASCADE_SERIAL=2026112801", .. variables]).Value!;
        Assert.Equal(("Cascade", "example", from, 2026112801u, (bool?)null), (asked.By, asked.Zone.ToString(), asked.From.ToString(), asked.Serial, asked.Fed));
    }

    [Fact]
    public void The_root_zone_has_a_name_too() => Assert.Equal(DnsName.Root, Read("CASCADE_ZONE=.").Value!.Zone);

    [Theory]
    [InlineData("CASCADE_ZONE: ", "CASCADE_ZONE=a..b")]
    [InlineData("CASCADE_SERIAL: ", "CASCADE_ZONE=a", "CASCADE_SERIAL=-1")]
    [InlineData("CASCADE_SERIAL: ", "CASCADE_ZONE=a", "CASCADE_SERIAL=4294967296")]
    [InlineData("CASCADE_SERVER_IP and CASCADE_SERVER_PORT: ", "CASCADE_ZONE=a", "CASCADE_SERVER_IP=localhost", "CASCADE_SERVER_PORT=53")]
    [InlineData("CASCADE_SERVER: ", "CASCADE_ZONE=a", "CASCADE_SERVER=127.0.0.1:0")]
    [InlineData("CASCADE_SERVER: ", "CASCADE_ZONE=a", "CASCADE_SERVER=:")]
    [InlineData("VERIFY_IP_ADDRESS and VERIFY_PORT: ", "VERIFY_ZONE=a", "VERIFY_IP_ADDRESS=127.0.0.1", "VERIFY_PORT=x")]
    public void What_cannot_be_read_is_told_by_its_variable_and_is_not_passed_over(string begins, params string[] variables)
    {
        var (value, why) = Read(variables);
        Assert.Null(value);
        Assert.StartsWith(begins, why, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_text_is_shown_and_not_obeyed() => Assert.DoesNotContain('\u001b', Read("CASCADE_ZONE=\u001b[2J.x").Why);

    [Fact]
    public void Another_version_than_the_one_that_is_asked_about_is_not_judged()
    {
        Assert.Equal("Cascade asks about serial 7, and serves no SOA record", Read("CASCADE_ZONE=a", "CASCADE_SERIAL=7").Value!.Complaint(null));
        Assert.Equal("Cascade asks about serial 7, and serves 6", Read("CASCADE_ZONE=a", "CASCADE_SERIAL=7").Value!.Complaint(6));
        Assert.Null(Read("CASCADE_ZONE=a", "CASCADE_SERIAL=7").Value!.Complaint(7));
        Assert.Null(Read("CASCADE_ZONE=a").Value!.Complaint(null));
    }

    [Fact]
    public void A_transfer_that_the_asking_server_refuses_is_told_with_the_line_that_allows_it()
    {
        var asked = Read("VERIFY_ZONE=example", "VERIFY_IP_ADDRESS=::1", "VERIFY_PORT=5304").Value!;
        Assert.Equal(" (NSD has to allow it for the zone: provide-xfr: ::1 NOKEY)", asked.Hint("example from ::1@5304: REFUSED"));
        Assert.Equal("", asked.Hint("example from ::1@5304: connection refused"));
        Assert.Equal("", Read("CASCADE_ZONE=example", "CASCADE_SERVER=127.0.0.1:53").Value!.Hint("REFUSED"));
    }

    static (GateEnvironment? Value, string Why) Read(params string[] variables)
    {
        var all = variables.Select(v => v.Split('=', 2)).ToDictionary(v => v[0], v => v[1], StringComparer.Ordinal);
        return (GateEnvironment.Read(all.GetValueOrDefault, out var why), why);
    }
}
