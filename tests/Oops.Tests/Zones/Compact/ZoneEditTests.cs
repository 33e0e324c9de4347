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

    [Fact]
    public void Differences_of_another_version_do_not_fit()
    {
        var edit = new ZoneEdit(ZoneVersion.Nothing(DnsNameTests.Name("cat.test")));
        Play(edit, "knot-ixfr", 1);
        Assert.True(edit.Misfits);
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
