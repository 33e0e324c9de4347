using FsCheck;
using FsCheck.Fluent;
using Oops.Wire.DBus;
using Xunit;

namespace Oops.Tests.Wire.DBus;

public sealed class DBusCodecTests
{
    const string Session = "dbus/knotd-3.2.6-session.hex";

    [Fact]
    public void Every_message_of_a_real_session_is_read_and_written_to_an_equal_one()
    {
        var vectors = HexVectors.Read(Session);
        Assert.Equal(22, vectors.Count);
        foreach (var (name, bytes) in vectors)
        {
            Assert.Equal(DBusFault.None, DBusCodec.Measure(bytes, DBusCodec.DefaultMax, out var length));
            Assert.Equal(bytes.Length, length);
            Assert.Equal((name, DBusFault.None), (name, DBusCodec.Read(bytes, out var message)));
            // Fields may come in any order, so the bytes may differ; what they say may not.
            Assert.Equal(DBusFault.None, DBusCodec.Read(DBusCodec.Write(message!), out var again));
            Assert.Equal(message! with { Body = default }, again! with { Body = default });
            Assert.Equal(message!.Body.ToArray(), again!.Body.ToArray());
        }
    }

    [Fact]
    public void A_zone_update_says_which_zone_and_serial()
    {
        var message = Read("10 signal zone_updated");
        Assert.Equal((DBusMessageType.Signal, ":1.1", "/cz/nic/knotd", "cz.nic.knotd.events", "zone_updated", "su"),
            (message.Type, message.Sender, message.Path, message.Interface, message.Member, message.Signature));
        var body = message.Read();
        Assert.True(body.TryString(out var zone) && body.TryUInt32(out var serial) && zone == "file.test." && serial == 100);
    }

    [Fact]
    public void A_ksk_submission_says_key_tag_and_id()
    {
        var body = Read("11 signal zone_ksk_submission").Read();
        Assert.True(body.TryString(out var zone) & body.TryUInt16(out var tag) & body.TryString(out var id));
        Assert.Equal(("signed.test.", (ushort)0x5154, 40), (zone, tag, id.Length));
    }

    [Fact]
    public void A_crash_and_a_stop_end_in_the_same_signal()
    {
        var body = Read("21 signal NameOwnerChanged").Read();
        Assert.True(body.TryString(out var name) & body.TryString(out var old) & body.TryString(out var now));
        Assert.Equal(("cz.nic.knotd", ":1.1", ""), (name, old, now));
    }

    [Fact]
    public void An_error_says_its_name_and_text()
    {
        var message = Read("4 error to serial 3");
        Assert.Equal((DBusMessageType.Error, 3u, "org.freedesktop.DBus.Error.NameHasNoOwner"), (message.Type, message.ReplySerial, message.ErrorName));
        var body = message.Read();
        Assert.True(body.TryString(out var text));
        Assert.Equal("Could not get owner of name 'cz.nic.knotd': no such name", text);
    }

    [Fact]
    public void Every_prefix_of_a_message_is_refused()
    {
        var bytes = HexVectors.One(Session, "10 signal zone_updated");
        for (var i = 0; i < bytes.Length; i++) Assert.NotEqual(DBusFault.None, DBusCodec.Read(bytes.AsSpan(0, i), out _));
        Assert.Equal(DBusFault.Body, DBusCodec.Read([.. bytes, 0], out _));
    }

    [Theory]
    [InlineData(0, 'x', DBusFault.Endianness)]
    [InlineData(1, 0, DBusFault.Invalid)]
    [InlineData(3, 2, DBusFault.Version)]
    [InlineData(8, 0, DBusFault.Invalid)]
    [InlineData(16, 0, DBusFault.Field)]
    [InlineData(16, 3, DBusFault.Field)]
    [InlineData(18, 's', DBusFault.Field)]
    [InlineData(24, 'x', DBusFault.Name)]
    public void A_changed_byte_has_its_fault(int at, int value, DBusFault fault)
    {
        var bytes = HexVectors.One(Session, "10 signal zone_updated");
        bytes[at] = (byte)value;
        Assert.Equal(fault, DBusCodec.Read(bytes, out _));
    }

    [Theory]
    [InlineData("6c010001ffffff070100000000000000", DBusFault.TooLong)]
    [InlineData("6c010001000010000100000000000000", DBusFault.TooLong)]
    [InlineData("6c0100010000000001000000000000", DBusFault.Truncated)]
    [InlineData("6c010001000000000100000001000004", DBusFault.TooLong)]
    [InlineData("6c010001ffffffff01000000ffffffff", DBusFault.TooLong)]
    public void Lengths_are_bounded_before_anything_is_allocated(string hex, DBusFault fault)
    {
        var bytes = Convert.FromHexString(hex);
        Assert.Equal(fault, DBusCodec.Measure(bytes, DBusCodec.DefaultMax, out var length));
        Assert.Equal(0, length);
    }

    [Fact]
    public void A_message_without_a_field_that_its_type_needs_is_refused()
    {
        var signal = new DBusMessage { Type = DBusMessageType.Signal, Serial = 1, Path = "/a", Interface = "a.b", Member = "c" };
        Assert.Equal(DBusFault.None, DBusCodec.Read(DBusCodec.Write(signal), out _));
        Assert.Equal(DBusFault.Field, DBusCodec.Read(DBusCodec.Write(signal with { Path = null }), out _));
        Assert.Equal(DBusFault.Field, DBusCodec.Read(DBusCodec.Write(signal with { Interface = null }), out _));
        Assert.Equal(DBusFault.Field, DBusCodec.Read(DBusCodec.Write(signal with { Member = null }), out _));
        Assert.Equal(DBusFault.Field, DBusCodec.Read(DBusCodec.Write(signal with { Type = DBusMessageType.MethodReturn }), out _));
        Assert.Equal(DBusFault.Field, DBusCodec.Read(DBusCodec.Write(signal with { Type = DBusMessageType.Error, ReplySerial = 1 }), out _));
        Assert.Equal(DBusFault.Name, DBusCodec.Read(DBusCodec.Write(signal with { Interface = "org.freedesktop.DBus.Local" }), out _));
        Assert.Equal(DBusFault.Body, DBusCodec.Read(DBusCodec.Write(signal with { Body = new byte[] { 1 } }), out _));
        Assert.Equal(DBusFault.Truncated, DBusCodec.Read(DBusCodec.Write(signal with { Signature = "s" }), out _));
    }

    [Fact]
    public void A_message_of_a_later_type_is_read_to_be_ignored() =>
        Assert.Equal(DBusFault.None, DBusCodec.Read(DBusCodec.Write(new DBusMessage { Type = (DBusMessageType)9, Serial = 1 }), out _));

    [Fact]
    public void Any_strings_come_back_in_both_byte_orders() =>
        Prop.ForAll<NonNull<string>, uint, bool>((text, number, big) =>
        {
            // Lone surrogates have no UTF-8, and D-Bus has no NUL.
            var value = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text.Get.Replace("\0", "", StringComparison.Ordinal)));
            var body = new DBusWriter(big).String(value).UInt32(number);
            var message = new DBusMessage { Type = DBusMessageType.Signal, Serial = 7, Path = "/a/b", Interface = "a.b", Member = "c", Sender = ":1.5", Signature = "su", BigEndian = big, Body = body.Written.ToArray() };
            if (DBusCodec.Read(DBusCodec.Write(message), out var read) != DBusFault.None) return false;
            var reader = read!.Read();
            return reader.TryString(out var s) && reader.TryUInt32(out var n) && s == value && n == number && read.Sender == ":1.5";
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_mutation_of_a_session_makes_the_reader_throw() =>
        FuzzRun.Mutate([.. HexVectors.Read(Session).Select(v => v.Bytes)], 60_000, 4711, static (bytes, _) =>
        {
            if (DBusCodec.Measure(bytes, DBusCodec.DefaultMax, out var length) != DBusFault.None) return;
            if (length > bytes.Length) return;
            if (DBusCodec.Read(bytes.AsSpan(0, length), out var message) != DBusFault.None) return;
            // What is accepted can be said again, and means the same.
            Assert.Equal(DBusFault.None, DBusCodec.Read(DBusCodec.Write(message!), out var again));
            Assert.Equal(message! with { Body = default }, again! with { Body = default });
        });

    static DBusMessage Read(string name)
    {
        Assert.Equal(DBusFault.None, DBusCodec.Read(HexVectors.One(Session, name), out var message));
        return message!;
    }
}
