using Oops.Tests.Wire.Dns;
using Oops.Wire.Dns;
using Oops.Zones.Compact;
using Xunit;

namespace Oops.Tests.Zones.Compact;

/// <summary>Transfers of real servers (tests/vectors/transfer) into a zone.</summary>
public sealed class ZoneEditTests
{
    [Theory]
    [InlineData("named")]
    [InlineData("knot")]
    public void A_transfer_and_the_differences_after_it_make_a_version_from_the_one_before(string server)
    {
        var edit = new ZoneEdit(ZoneVersion.Nothing(DnsNameTests.Name("cat.test")));
        Play(edit, server + "-axfr", null);
        var first = edit.Seal();
        Assert.Equal(1u, first.Soa!.Value.Serial);

        var differences = new ZoneEdit(first);
        Play(differences, server + "-ixfr", 1);
        var next = differences.Seal();
        Assert.False(differences.Misfits);
        Assert.Equal((1u, 3u), (first.Soa!.Value.Serial, next.Soa!.Value.Serial));
        Assert.Equal(Count(first), first.Records);
        Assert.Equal(Count(next), next.Records);
        Assert.Equal(1, next.ApexNode.Get(DnsType.Soa).Count);
    }

    /// <summary>By pointers, a record of a few octets may name two hundred.</summary>
    [Fact]
    public void What_is_held_is_counted_as_it_is_held()
    {
        var apex = DnsNameTests.Name("cat.test");
        var edit = new ZoneEdit(ZoneVersion.Nothing(apex)) { Most = 20_000 };
        byte[] data = [0, 1, .. DnsNameTests.Name($"{new string('a', 60)}.{new string('b', 60)}.{new string('c', 60)}.cat.test").Wire];
        for (ushort i = 0; i < 50; i++)
        {
            Assert.False(edit.IsFull);
            edit.Add(apex, DnsType.Mx, 60, [(byte)i, .. data[1..]]);
            edit.Add(DnsNameTests.Name($"n{i}.cat.test"), DnsType.Mx, 60, data);
            edit.Delete(DnsNameTests.Name($"n{i}.cat.test"), DnsType.Mx, data);
        }

        for (ushort i = 50; i < 110; i++)
            edit.Add(apex, DnsType.Mx, 60, [(byte)i, .. data[1..]]);
        Assert.True(edit.IsFull);
        Assert.InRange(edit.Seal().Names.Octets, 20_000, 22_000);
    }

    [Fact]
    public void Differences_of_another_version_do_not_fit()
    {
        var edit = new ZoneEdit(ZoneVersion.Nothing(DnsNameTests.Name("cat.test")));
        Play(edit, "knot-ixfr", 1);
        Assert.True(edit.Misfits);
    }

    /// <summary>RFC 6895, 3.1; RFC 2181, 8: what no text can say, and no server loads.</summary>
    [Theory]
    [InlineData(1, "010203")]
    [InlineData(1, "")]
    [InlineData(28, "01")]
    [InlineData(16, "FF616263")]
    [InlineData(65, "00")]
    [InlineData(43, "0001")]
    [InlineData(41, "")]
    [InlineData(252, "")]
    [InlineData(255, "00")]
    [InlineData(16, "0161", 0x8000_0000)]
    public void Data_that_are_not_those_of_their_type_are_left_out_and_told(ushort type, string data, uint ttl = 60)
    {
        var edit = new ZoneEdit(ZoneVersion.Nothing(DnsNameTests.Name("cat.test")));
        var message = new TransferMessage(0x1234, "cat.test", DnsType.Axfr, ttl: ttl).Record("x.cat.test", (DnsType)type, Convert.FromHexString(data)).Bytes();
        Each(message, (in DnsName owner, in DnsRecord record) => edit.Add(owner, record, message));
        Assert.Equal([(IntakeFault.Malformed, 1L)], edit.Faults.All.Select(f => (f.Key, f.Value.Count)));
        Each(message, (in DnsName owner, in DnsRecord record) => edit.Delete(owner, record, message));
        Assert.True(edit.Misfits);
        Assert.Equal(0, edit.Seal().Records);
    }

    [Fact]
    public void A_record_of_another_zone_is_told_and_its_removal_fits_no_version()
    {
        var edit = new ZoneEdit(ZoneVersion.Nothing(DnsNameTests.Name("cat.test")));
        var reader = new TransferReader(DnsNameTests.Name("cat.test"), 0x1234, null, 100, edit);
        Assert.Equal(TransferReading.Done, reader.Read(new TransferMessage(0x1234, "cat.test", DnsType.Axfr).Soa(5).Txt("a.cat.test", "a").Txt("xcat.test", "b").Record("other.test", DnsType.A, [1]).Soa(5).Bytes()));
        Assert.Equal([(IntakeFault.OutOfZone, 2L)], edit.Faults.All.Select(f => (f.Key, f.Value.Count)));
        var first = edit.Seal();
        Assert.Equal(2, first.Records);
        var differences = new ZoneEdit(first);
        reader = new TransferReader(DnsNameTests.Name("cat.test"), 0x1234, 5, 100, differences);
        Assert.Equal(TransferReading.Done, reader.Read(new TransferMessage(0x1234, "cat.test", DnsType.Ixfr).Soa(6).Soa(5).Txt("xcat.test", "b").Soa(6).Soa(6).Bytes()));
        Assert.True(differences.Misfits);
    }

    delegate void TakeRecord(in DnsName owner, in DnsRecord record);

    static void Each(byte[] message, TakeRecord take)
    {
        var reader = new DnsReader(message);
        Assert.True(reader.TryReadQuestion(out _, out _, out _));
        Assert.True(reader.TryReadRecord(out var record));
        Assert.True(reader.TryReadOwner(record, out var owner));
        take(owner, record);
    }

    static long Count(ZoneVersion zone)
    {
        var records = 0L;
        for (var cursor = zone.Names.From(0); !cursor.Current.IsNone; cursor.Next())
        {
            foreach (var rrset in cursor.Current.RRsets)
                records += rrset.Count;
        }

        return records;
    }

    static void Play(ZoneEdit edit, string name, uint? have)
    {
        var reader = new TransferReader(DnsNameTests.Name("cat.test"), 0x1234, have, 1000, edit);
        var reading = TransferReading.More;
        foreach (var (_, bytes) in DnsVectors.All("transfer").Where(v => v.Name.StartsWith(name + "-", StringComparison.Ordinal) && char.IsAsciiDigit(v.Name[name.Length + 1])))
            reading = reader.Read(bytes);
        Assert.Equal(TransferReading.Done, reading);
    }
}
