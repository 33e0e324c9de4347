using Oops.Core;
using Oops.Servers;
using Oops.Sources.Probe;
using Oops.Tests.Dns;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.Probe;

public sealed class ZoneExpiryTests
{
    // The fake server's SOA: refresh 100, retry 10, expire as given. What is said is a second more than what is answered, because servers cut off.
    const uint Expire = 3600;
    ZoneExpiry zone;

    [Fact]
    public void A_count_down_is_the_time_left_and_no_failure_before_the_refresh_is_overdue()
    {
        for (var s = 1; s <= 100; s++)
            Assert.Equal((Expire - s + 1, 0), Look(s, Expire - (uint)s));
    }

    [Fact]
    public void Each_whole_retry_interval_overdue_is_a_failed_refresh()
    {
        Look(0, Expire - 50);
        Look(1, Expire); // refreshed
        Assert.Equal((Expire - 99, 0), Look(101, Expire - 100));
        Assert.Equal((Expire - 108, 0), Look(110, Expire - 109));
        Assert.Equal((Expire - 109, 1), Look(111, Expire - 110));
        Assert.Equal((Expire - 399, 30), Look(401, Expire - 400));
        Assert.Equal(0, Look(402, Expire - 1).Failures);
    }

    [Fact]
    public void A_zone_that_seems_overdue_at_first_sight_is_judged_when_a_refresh_was_due_while_we_looked()
    {
        Assert.Equal((1001, null), Look(0, 1000));
        Assert.Equal((892, null), Look(109, 891));
        Assert.Equal((891, 261), Look(110, 890));
    }

    [Fact]
    public void A_server_that_shortens_the_expire_value_is_recognised_at_its_next_refresh()
    {
        Assert.Equal((501, null), Look(0, 500));
        Assert.Equal((451, null), Look(50, 450));
        Assert.Equal((600, 0), Look(90, 599));
        Assert.Equal((481, 1), Look(209, 480));
    }

    [Fact]
    public void A_primary_never_expires()
    {
        Assert.Equal((null, 0), Look(0, Expire));
        Assert.Equal((null, 0), Look(1, Expire));
        Assert.Equal((Signal.Absent, 0), Look(3, Expire));
        Assert.Equal((Signal.Absent, 0), Look(30, Expire));
    }

    [Fact]
    public void After_the_count_has_run_out_an_unserved_zone_is_expired()
    {
        Look(0, 5);
        Assert.Equal((4, null), Look(2, null, DnsRcode.ServFail));
        Assert.Equal((0, null), Look(6, null, DnsRcode.ServFail));
        Assert.Equal((null, null), Look(6, null, DnsRcode.Refused));
    }

    [Fact]
    public void An_expired_zone_that_is_refreshed_has_its_time_at_once_though_the_count_looks_like_a_primarys()
    {
        Look(0, 5);
        Assert.Equal((0, null), Look(6, null, DnsRcode.ServFail));
        Assert.Equal((Expire + 1, 0), Look(7, Expire));
        Assert.Equal((Expire, 0), Look(8, Expire - 1));
    }

    [Fact]
    public void A_zone_that_was_never_seen_is_not_called_expired() => Assert.Equal((null, null), Look(0, null, DnsRcode.ServFail));

    [Fact]
    public void A_primary_that_loses_its_zone_has_not_expired()
    {
        Look(0, Expire);
        Look(3, Expire);
        Assert.Equal((null, null), Look(4, null, DnsRcode.ServFail));
    }

    [Fact]
    public void NSD_says_expired_in_words()
    {
        var buffer = new byte[512];
        Assert.True(DnsName.TryParse("x", out var name));
        var writer = new DnsWriter(buffer, 1, DnsHeader.Qr | 2);
        writer.Question(name, DnsType.Soa);
        writer.Opt(1232);
        writer.Option(EdnsOption.ExtendedError, [0, 24, .. "Zone has expired"u8]);
        Assert.Equal(AnswerReading.Answer, SoaAnswer.TryRead(buffer.AsSpan(0, writer.Length), 1, name, out var answer));
        Assert.Equal((0, null), zone.Take(answer, At.Zero));
        Assert.Equal((Signal.Absent, "SERVFAIL, EDE 24 (Zone has expired)"), ZoneReading.Serial(answer));
    }

    [Fact]
    public void Without_EXPIRE_nothing_is_said() => Assert.Equal((null, null), Look(0, null));

    (long? Left, long? Failures) Look(double second, uint? left, DnsRcode rcode = DnsRcode.NoError) =>
        zone.Take(Answer(left, rcode), At.Zero + TimeSpan.FromSeconds(1000 + second));

    static SoaAnswer Answer(uint? left, DnsRcode rcode)
    {
        Assert.True(DnsName.TryParse("x", out var name));
        var query = new byte[SoaQuery.MaxSize];
        var length = SoaQuery.Write(query, 1, name, SoaQueryOptions.None);
        Assert.Equal(AnswerReading.Answer, SoaAnswer.TryRead(FakeDnsServer.Soa(query[..length], 1, Expire, left, rcode), 1, name, out var answer));
        return answer;
    }
}
