using System.Text;
using Oops.Wire.Knot;
using Xunit;

namespace Oops.Tests.Wire.Knot;

public sealed class KnotZoneStatusTests
{
    [Fact]
    public void All_zones_with_roles_serials_and_plans()
    {
        var zones = Read(HexVectors.One(KnotDecoderTests.Control, "zone-status reply"), out _);
        Assert.Equal(["file.test.", "sec.test.", "signed.test.", "val.test."], zones.Select(z => z.Zone));
        Assert.Equal([KnotRole.Master, KnotRole.Slave, KnotRole.Master, KnotRole.Slave], zones.Select(z => z.Role));
        Assert.Equal([true, true, true, false], zones.Select(z => z.Loaded));
        Assert.Equal(100u, zones[1].Serial);
        Assert.Equal(KnotEventKind.Relative, zones[1].Expiration.Kind);
        Assert.InRange(zones[1].Expiration.In.TotalSeconds, 1, 8);
        Assert.Equal(KnotEventKind.None, zones[0].Expiration.Kind);
        Assert.Equal(KnotZoneFlags.Slave | KnotZoneFlags.Empty, zones[3].Flags);
    }

    [Fact]
    public void The_filtered_answer_says_the_same_in_fewer_units()
    {
        var zones = Read(HexVectors.One(KnotDecoderTests.Control, "zone-status-filters reply"), out _);
        Assert.Equal([100u, 100u], zones.Take(2).Select(z => z.Serial!.Value));
        Assert.Equal(KnotEventKind.Relative, zones[1].Refresh.Kind);
    }

    [Fact]
    public void An_expired_zone_is_empty_without_serial_and_without_expiry()
    {
        var zone = Assert.Single(Read(HexVectors.One(KnotDecoderTests.Control, "zone-status-expired reply"), out _));
        Assert.Equal((KnotRole.Slave, null, KnotEventKind.None, false), (zone.Role, zone.Serial, zone.Expiration.Kind, zone.Loaded));
        Assert.True(zone.Flags.HasFlag(KnotZoneFlags.Empty));
        Assert.Equal(TimeSpan.FromSeconds(17), zone.Refresh.In);
    }

    [Fact]
    public void A_zone_that_the_server_does_not_have_is_an_error_among_the_others()
    {
        var zones = Read(HexVectors.One(KnotDecoderTests.Control, "zone-status-several reply"), out var error);
        Assert.Equal(["sec.test.", "nope.test", "file.test."], zones.Select(z => z.Zone));
        Assert.Equal([null, "no such zone found", null], zones.Select(z => z.Error));
        Assert.Null(error);
    }

    [Fact]
    public void From_3_5_the_flags_come_in_filters()
    {
        var answer = Unit(1, (0x16, "a."), (0x1b, "se"), (0x19, "role"), (0x1a, "slave"));
        var zone = Assert.Single(Read([.. answer, 3], out _));
        Assert.Equal(KnotZoneFlags.Slave | KnotZoneFlags.Empty, zone.Flags);
    }

    [Fact]
    public void What_waits_at_knotd_3_5_8_is_told() =>
        Assert.Equal([(".", KnotTransaction.External), ("a.test.", KnotTransaction.External), ("b/c.test.", KnotTransaction.External)], Read(HexVectors.One(KnotDecoderTests.Waiting, "zone-status-waits reply"), out _).Select(z => (z.Zone, z.Transaction)));

    [Theory]
    [InlineData("open-external", KnotTransaction.External)]
    [InlineData("open", KnotTransaction.Open)]
    [InlineData("-", KnotTransaction.None)]
    [InlineData("open-", KnotTransaction.Unsaid)]
    public void What_is_open_on_a_zone_is_told(string text, KnotTransaction transaction)
    {
        var answer = Unit(1, (0x16, "a."), (0x19, "role"), (0x1a, "master"));
        var zones = Read([.. answer, .. Unit(2, (0x16, "a."), (0x19, "transaction"), (0x1a, text)), .. Unit(1, (0x16, "b."), (0x19, "role"), (0x1a, "master")), 3], out _);
        Assert.Equal([transaction, KnotTransaction.Unsaid], zones.Select(z => z.Transaction));
    }

    [Fact]
    public void An_error_without_a_zone_is_the_request_s()
    {
        Assert.Empty(Read([.. Unit(1, (0x10, "zone-status"), (0x12, "not\nallowed")), 3], out var error));
        Assert.Equal("not?allowed", error);
    }

    [Fact]
    public void A_name_with_control_characters_is_passed_over() =>
        Assert.Equal("b.", Assert.Single(Read([.. Unit(1, (0x16, "a\u001b[2J.")), .. Unit(1, (0x16, "b.")), 3], out _)).Zone);

    [Theory]
    [InlineData("-", KnotEventKind.None, 0)]
    [InlineData("running", KnotEventKind.Running, 0)]
    [InlineData("pending", KnotEventKind.Pending, 0)]
    [InlineData("pending (frozen)", KnotEventKind.Pending, 0)]
    [InlineData("frozen", KnotEventKind.Frozen, 0)]
    [InlineData("+1D2h3m4s", KnotEventKind.Relative, 86400 + 7200 + 180 + 4)]
    [InlineData("+1Y1M", KnotEventKind.Relative, (365 + 30) * 86400)]
    [InlineData("-10s", KnotEventKind.Relative, -10)]
    [InlineData("0s", KnotEventKind.Relative, 0)]
    [InlineData("+0s", KnotEventKind.Relative, 0)]
    [InlineData("0", KnotEventKind.Relative, 0)]
    [InlineData("1736941421", KnotEventKind.Absolute, 1736941421)]
    [InlineData("", KnotEventKind.Other, 0)]
    [InlineData("+", KnotEventKind.Other, 0)]
    [InlineData("+5", KnotEventKind.Other, 0)]
    [InlineData("+s", KnotEventKind.Other, 0)]
    [InlineData("+5x", KnotEventKind.Other, 0)]
    [InlineData("+5s6", KnotEventKind.Other, 0)]
    [InlineData("+4294967295Y", KnotEventKind.Other, 0)]
    [InlineData("+99999999999s", KnotEventKind.Other, 0)]
    [InlineData("99999999999999999999999", KnotEventKind.Other, 0)]
    [InlineData("soon", KnotEventKind.Other, 0)]
    public void Event_values(string text, KnotEventKind kind, long value)
    {
        var parsed = KnotEvent.Parse(Encoding.ASCII.GetBytes(text));
        Assert.Equal((kind, value), (parsed.Kind, parsed.Kind == KnotEventKind.Absolute ? parsed.Unix : (long)parsed.In.TotalSeconds));
    }

    static List<KnotZoneStatus> Read(byte[] answer, out string? error)
    {
        var decoder = new KnotDecoder();
        var reader = new KnotZoneStatusReader();
        var zones = new List<KnotZoneStatus>();
        decoder.Append(answer);
        while (decoder.TryRead(out var unit))
            if (reader.Feed(unit) is { } zone) zones.Add(zone);
        Assert.True(reader.Done);
        error = reader.Error;
        return zones;
    }

    static byte[] Unit(byte type, params (byte Code, string Value)[] items) =>
        [type, .. items.SelectMany(i => (byte[])[i.Code, 0, (byte)i.Value.Length, .. Encoding.Latin1.GetBytes(i.Value)])];
}
