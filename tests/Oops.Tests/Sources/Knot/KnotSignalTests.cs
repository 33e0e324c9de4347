using Oops.Sources.Knot;
using Oops.Tests.Wire;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Tests.Sources.Knot;

public sealed class KnotSignalTests
{
    const string Session = "dbus/knotd-3.2.6-session.hex";

    [Theory]
    [InlineData("10 signal zone_updated", KnotSignalKind.ZoneUpdated, "file.test", 100u)]
    [InlineData("13 signal started", KnotSignalKind.Started, "", null)]
    [InlineData("15 signal zone_dnssec_invalid", KnotSignalKind.DnssecInvalid, "val.test", null)]
    [InlineData("20 signal stopped", KnotSignalKind.Stopped, "", null)]
    public void What_knotd_3_2_6_sends(string vector, object kind, string zone, uint? number) =>
        Assert.Equal(new KnotSignal((KnotSignalKind)kind, zone, number), Parse(Vector(vector)));

    [Fact]
    public void A_key_that_waits_for_its_DS_has_tag_and_id()
    {
        var signal = Parse(Vector("11 signal zone_ksk_submission"))!.Value;
        Assert.Equal((KnotSignalKind.KskSubmission, "signed.test", (ushort)0x5154, 40), (signal.Kind, signal.Zone, signal.KeyTag, signal.KeyId.Length));
    }

    [Theory]
    [InlineData("zone_dnssec_invalid", KnotSignalKind.DnssecInvalid)]
    [InlineData("external_verify", KnotSignalKind.ExternalVerify)]
    public void Both_signatures_of_a_member_are_taken(string member, object kind)
    {
        Assert.Equal(new KnotSignal((KnotSignalKind)kind, "a.test", null), Parse(Make(member, "s", new DBusWriter().String("a.test."))));
        Assert.Equal(new KnotSignal((KnotSignalKind)kind, "a.test", 3600), Parse(Make(member, "su", new DBusWriter().String("a.test.").UInt32(3600))));
    }

    [Theory]
    [InlineData("keys_updated", KnotSignalKind.KeysUpdated)]
    [InlineData("zone_not_updated", KnotSignalKind.ZoneNotUpdated)]
    public void What_later_versions_send(string member, object kind) =>
        Assert.Equal(new KnotSignal((KnotSignalKind)kind, "a.test"), Parse(Make(member, "s", new DBusWriter().String("A.test."))));

    [Fact]
    public void Another_signature_is_no_signal_of_any_version()
    {
        Assert.Null(Parse(Make("zone_updated", "s", new DBusWriter().String("a."))));
        Assert.Null(Parse(Make("zone_updated", "us", new DBusWriter().UInt32(1).String("a."))));
        Assert.Null(Parse(Make("started", "s", new DBusWriter().String("a."))));
        Assert.Null(Parse(Make("zone_deleted", "s", new DBusWriter().String("a."))));
    }

    [Fact]
    public void A_zone_that_is_no_name_is_no_signal()
    {
        Assert.Null(Parse(Make("keys_updated", "s", new DBusWriter().String(""))));
        Assert.Null(Parse(Make("keys_updated", "s", new DBusWriter().String("a..b."))));
        Assert.Null(Parse(Make("keys_updated", "s", new DBusWriter().String("-\u001b[2J."))));
        Assert.Null(Parse(Make("keys_updated", "s", new DBusWriter().String(new string('a', 300)))));
    }

    [Fact]
    public void Another_path_or_interface_is_not_knotd()
    {
        var message = Vector("13 signal started");
        Assert.Null(Parse(message with { Path = "/a" }));
        Assert.Null(Parse(message with { Interface = "a.b" }));
        Assert.Null(Parse(message with { Type = DBusMessageType.MethodCall }));
    }

    internal static DBusMessage Make(string member, string signature, DBusWriter? body) => new()
    {
        Type = DBusMessageType.Signal,
        Serial = 1,
        Path = KnotSignal.Path,
        Interface = KnotSignal.Interface,
        Member = member,
        Sender = ":1.2",
        Signature = signature,
        Body = body?.Written.ToArray() ?? [],
    };

    static KnotSignal? Parse(DBusMessage message) => KnotSignal.TryParse(message, out var signal) ? signal : null;

    static DBusMessage Vector(string name)
    {
        Assert.Equal(DBusFault.None, DBusCodec.Read(HexVectors.One(Session, name), out var message));
        return message!;
    }
}
