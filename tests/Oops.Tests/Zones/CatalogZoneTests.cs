using Oops.Tests.Wire;
using Oops.Tests.Wire.Dns;
using Oops.Wire.Dns;
using Oops.Zones;
using Xunit;

namespace Oops.Tests.Zones;

public sealed class CatalogZoneTests
{
    const string Zone = "cat.test";

    [Theory]
    [InlineData("named-axfr")]
    [InlineData("knot-axfr")]
    [InlineData("nsd-axfr")]
    [InlineData("pdns-axfr")]
    public void The_members_of_a_catalog_of_each_server_are_read(string name)
    {
        var catalog = New();
        Play(catalog, name, null);
        Assert.Equal([.. Enumerable.Range(0, 20).Select(i => $"member{i}.example").Order(StringComparer.Ordinal)], catalog.Members(out var why)!);
        Assert.Null(why);
        Assert.Equal(1u, catalog.Serial);
    }

    [Theory]
    [InlineData("named")]
    [InlineData("knot")]
    public void Differences_add_and_remove_members(string server)
    {
        var catalog = New();
        Play(catalog, server + "-axfr", null);
        Play(catalog, server + "-ixfr", 1);
        var members = catalog.Members(out _)!;
        Assert.Equal((20, 3u), (members.Count, catalog.Serial));
        Assert.Contains("added.example", members);
        Assert.DoesNotContain("member3.example", members);
    }

    [Fact]
    public void Properties_other_records_and_other_depths_are_no_members()
    {
        var catalog = Full(m => m.Txt("version.cat.test", "2")
            .Ptr("a.zones.cat.test", "one.example")
            .Txt("group.a.zones.cat.test", "fast")
            .Ptr("coo.a.zones.cat.test", "other-catalog.test")
            .Ptr("x.y.zones.cat.test", "deep.example")
            .Ptr("zones.cat.test", "shallow.example")
            .Ptr("b.zonez.cat.test", "misspelt.example")
            .Txt("c.zones.cat.test", "no PTR")
            .Txt("version.a.zones.cat.test", "3")
            .Ptr("version.ext.cat.test", "ext.example"));
        Assert.Equal(["one.example"], catalog.Members(out _)!);
    }

    [Fact]
    public void Members_may_have_every_octet_and_are_canonical()
    {
        var data = new byte[] { 4, 0, 255, (byte)'A', (byte)'.', 2, (byte)'\\', 27, 0 };
        var catalog = Full(m => m.Txt("version.cat.test", "2").Record(@"\000\255x\.y.zones.cat.test", DnsType.Ptr, data).Ptr("r.zones.cat.test", "."));
        Assert.Equal([".", @"\000\255a\..\\\027"], catalog.Members(out _)!);
    }

    [Fact]
    public void A_version_that_is_missing_double_or_another_is_broken()
    {
        Broken(m => m.Ptr("a.zones.cat.test", "one.example"), "it has no version");
        Broken(m => m.Txt("version.cat.test", "3"), "its version is 3, and 2 is what there is");
        Broken(m => m.Txt("version.cat.test", "\u001b[2J"), "its version is something else, and 2 is what there is");
        Broken(m => m.Record("version.cat.test", DnsType.Txt, [1, (byte)'2', 1, (byte)'2']), "its version is something else, and 2 is what there is");
        Broken(m => m.Txt("version.cat.test", "2").Txt("version.cat.test", "1"), "it has more than one version");
    }

    [Fact]
    public void Two_members_at_one_id_and_one_member_at_two_ids_are_broken()
    {
        Broken(m => m.Txt("version.cat.test", "2").Ptr("a.zones.cat.test", "one.example").Ptr("a.zones.cat.test", "two.example"), "the member a has more than one PTR record");
        Broken(m => m.Txt("version.cat.test", "2").Ptr("a.zones.cat.test", "one.example").Ptr("b.zones.cat.test", "ONE.example"), "one.example is a member twice, as a and b");
    }

    [Fact]
    public void The_same_record_twice_is_one()
    {
        var catalog = Full(m => m.Txt("version.cat.test", "2").Txt("version.cat.test", "2").Ptr("a.zones.cat.test", "one.example").Ptr("A.zones.cat.test", "one.EXAMPLE"));
        Assert.Equal(["one.example"], catalog.Members(out _)!);
    }

    [Fact]
    public void An_empty_catalog_has_no_members_and_is_not_broken() => Assert.Equal([], Full(m => m.Txt("version.cat.test", "2")).Members(out _)!);

    [Fact]
    public void A_broken_member_is_mended_by_differences()
    {
        var catalog = Full(m => m.Txt("version.cat.test", "2").Ptr("a.zones.cat.test", "one.example").Ptr("a.zones.cat.test", "two.example"));
        Assert.Null(catalog.Members(out _));
        Assert.True(Differences(catalog, m => m.Soa(5).Ptr("a.zones.cat.test", "one.example").Soa(6)));
        Assert.Equal(["two.example"], catalog.Members(out _)!);
        Assert.Equal(6u, catalog.Serial);
    }

    [Fact]
    public void A_member_may_move_to_another_id_and_an_id_to_another_member()
    {
        var catalog = Full(m => m.Txt("version.cat.test", "2").Ptr("a.zones.cat.test", "one.example").Ptr("b.zones.cat.test", "two.example"));
        Assert.True(Differences(catalog, m => m.Soa(5).Ptr("a.zones.cat.test", "one.example").Ptr("b.zones.cat.test", "two.example").Soa(6).Ptr("b.zones.cat.test", "one.example").Ptr("a.zones.cat.test", "three.example")));
        Assert.Equal(["one.example", "three.example"], catalog.Members(out _)!);
    }

    [Fact]
    public void Differences_that_do_not_fit_leave_nothing_to_build_on()
    {
        foreach (var misfit in new Action<TransferMessage>[]
        {
            m => m.Soa(5).Ptr("z.zones.cat.test", "never.example").Soa(6),
            m => m.Soa(5).Soa(6).Ptr("a.zones.cat.test", "one.example"),
            m => m.Soa(5).Txt("version.cat.test", "1").Soa(6),
        })
        {
            var catalog = Full(m => m.Txt("version.cat.test", "2").Ptr("a.zones.cat.test", "one.example"));
            Assert.False(Differences(catalog, misfit));
            Assert.Null(catalog.Serial);
        }
    }

    [Fact]
    public void A_PTR_record_without_a_name_is_no_version_to_take()
    {
        var catalog = New();
        var reader = new TransferReader(DnsNameTests.Name(Zone), 7, null, 100, catalog);
        Assert.Equal(TransferReading.Done, reader.Read(new TransferMessage(7, Zone, DnsType.Axfr).Soa(5).Record("a.zones.cat.test", DnsType.Ptr, [1]).Soa(5).Bytes()));
        Assert.False(catalog.TryTake(out var why));
        Assert.Equal("the PTR record of a.zones.cat.test holds no name", why);
    }

    [Fact]
    public void Garbage_never_throws()
    {
        var corpus = DnsVectors.All("transfer").Where(v => v.Bytes.Length > 200).Select(v => v.Bytes).ToList();
        FuzzRun.Mutate(corpus, 10_000, 9432, (bytes, random) =>
        {
            var catalog = New();
            foreach (uint? have in new uint?[] { null, 1 })
            {
                var reader = new TransferReader(DnsNameTests.Name(Zone), 0x1234, have, 200, catalog);
                if (reader.Read(have is null ? corpus[random.Next(corpus.Count)] : bytes) == TransferReading.Done && catalog.TryTake(out _))
                    catalog.Members(out _);
            }
        });
    }

    static CatalogZone New() => new(DnsNameTests.Name(Zone));

    static CatalogZone Full(Action<TransferMessage> records)
    {
        var catalog = New();
        var message = new TransferMessage(7, Zone, DnsType.Axfr).Soa(5);
        records(message);
        Assert.Equal(TransferReading.Done, new TransferReader(DnsNameTests.Name(Zone), 7, null, 100, catalog).Read(message.Soa(5).Bytes()));
        Assert.True(catalog.TryTake(out var why), why);
        return catalog;
    }

    static bool Differences(CatalogZone catalog, Action<TransferMessage> records)
    {
        var message = new TransferMessage(7, Zone, DnsType.Ixfr).Soa(6);
        records(message);
        Assert.Equal(TransferReading.Done, new TransferReader(DnsNameTests.Name(Zone), 7, 5, 100, catalog).Read(message.Soa(6).Bytes()));
        return catalog.TryTake(out _);
    }

    static void Broken(Action<TransferMessage> records, string expected)
    {
        Assert.Null(Full(records).Members(out var why));
        Assert.Equal(expected, why);
    }

    static void Play(CatalogZone catalog, string name, uint? have)
    {
        var reader = new TransferReader(DnsNameTests.Name(Zone), 0x1234, have, 1000, catalog);
        var reading = TransferReading.More;
        foreach (var (_, bytes) in DnsVectors.All("transfer").Where(v => v.Name.StartsWith(name + "-", StringComparison.Ordinal) && char.IsAsciiDigit(v.Name[name.Length + 1])))
            reading = reader.Read(bytes);
        Assert.Equal(TransferReading.Done, reading);
        Assert.True(catalog.TryTake(out _));
    }
}
