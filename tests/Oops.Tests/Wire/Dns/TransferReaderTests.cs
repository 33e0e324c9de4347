using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

public sealed class TransferReaderTests
{
    const ushort Id = 0x1234;

    [Theory]
    [InlineData("named-axfr")]
    [InlineData("named-axfr-signed")]
    [InlineData("knot-axfr")]
    [InlineData("knot-axfr-signed")]
    [InlineData("nsd-axfr")]
    [InlineData("nsd-axfr-signed")]
    [InlineData("pdns-axfr")]
    [InlineData("pdns-axfr-signed")]
    public void A_whole_zone_of_each_server_is_read(string name)
    {
        var (reading, reader, got) = Play(name, null);
        Assert.Equal(TransferReading.Done, reading);
        Assert.Equal(TransferForm.Full, reader.Form);
        Assert.Equal(24, reader.Records);
        Assert.Equal("Full 1", got.Lines[0]);
        Assert.Contains("+version.cat.test Txt", got.Lines);
        Assert.Equal(20, got.Lines.Count(l => l.Contains(" PTR member", StringComparison.Ordinal)));
        Assert.Contains("+m19.zones.cat.test PTR member19.example", got.Lines);
    }

    [Theory]
    [InlineData("named-ixfr")]
    [InlineData("named-ixfr-signed")]
    [InlineData("knot-ixfr")]
    [InlineData("knot-ixfr-signed")]
    public void Two_differences_of_named_and_knotd_are_read(string name)
    {
        var (reading, _, got) = Play(name, 1);
        Assert.Equal(TransferReading.Done, reading);
        Assert.Equal(
            [
                "Differences 3", "-cat.test SOA 1", "-m3.zones.cat.test PTR member3.example", "+cat.test SOA 2",
                "-cat.test SOA 2", "+cat.test SOA 3", "+new.zones.cat.test PTR added.example",
            ], got.Lines);
    }

    [Theory]
    [InlineData("named-ixfr-unknown-serial", 3)]
    [InlineData("knot-ixfr-unknown-serial", 3)]
    [InlineData("nsd-ixfr", 1)]
    [InlineData("pdns-ixfr", 1)]
    public void A_server_without_the_differences_sends_all_of_the_zone(string name, uint serial)
    {
        var (reading, reader, got) = Play(name, 0);
        Assert.Equal(TransferReading.Done, reading);
        Assert.Equal(TransferForm.Full, reader.Form);
        Assert.Equal(serial, reader.Soa!.Value.Serial);
        Assert.Equal(20, got.Lines.Count(l => l.StartsWith('+') && l.Contains(" PTR ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("named")]
    [InlineData("knot")]
    [InlineData("nsd")]
    [InlineData("pdns")]
    public void A_single_SOA_says_that_there_is_nothing_newer(string server)
    {
        Assert.Equal(TransferReading.UpToDate, Play(server + "-ixfr-same", 1).Reading);
        var (reading, reader, _) = Play(server + "-ixfr-newer-asked", 9);
        Assert.Equal(TransferReading.Older, reading);
        Assert.Equal("serial 1 at the server is older than 9, which is had", reader.Why);
    }

    [Theory]
    [InlineData("named-unknown", "NOTAUTH")]
    [InlineData("knot-unknown", "NOTAUTH")]
    [InlineData("nsd-unknown", "NOTAUTH")]
    [InlineData("pdns-unknown", "NOTAUTH")]
    public void A_zone_that_the_server_does_not_have_is_refused(string name, string why)
    {
        var reader = new TransferReader(DnsNameTests.Name("other.test"), Id, null, 100, new Transferred());
        Assert.Equal(TransferReading.Refused, reader.Read(DnsVectors.Get("transfer", name + "-1")));
        Assert.Equal(why, reader.Why);
    }

    [Fact]
    public void Differences_of_another_zone_from_a_mixed_up_journal_are_refused()
    {
        var (reading, reader, _) = Play("named-mixed-journal", 1);
        Assert.Equal((TransferReading.Broken, "an SOA of key.test in the zone"), (reading, reader.Why));
    }

    public static TheoryData<string, string> Impossible => new()
    {
        { "no SOA first", "the first record is no SOA" },
        { "another zone's SOA", "an SOA of other.test in the zone" },
        { "two zones' SOAs", "an SOA of sub.cat.test in the zone" },
        { "another serial at the end", "SOA mismatch: it began with serial 5 and ends with 6; the zone changed meanwhile" },
        { "more behind the end", "a record behind the last SOA" },
        { "chaos", "a record of another class" },
        { "nothing", "an answer without a record" },
        { "short SOA", "a malformed SOA" },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void What_cannot_be_a_transfer_ends_with_its_reason(string what, string why)
    {
        var message = New(DnsType.Axfr);
        _ = what switch
        {
            "no SOA first" => message.Ptr("a.zones.cat.test", "a"),
            "another zone's SOA" => message.Soa(5, "other.test"),
            "two zones' SOAs" => message.Soa(5).Soa(5, "sub.cat.test"),
            "another serial at the end" => message.Soa(5).Soa(6),
            "more behind the end" => message.Soa(5).Soa(5).Ptr("a.zones.cat.test", "a"),
            "chaos" => message.Soa(5).Record("cat.test", DnsType.A, [1, 2, 3, 4], DnsClass.Chaos),
            "short SOA" => message.Record("cat.test", DnsType.Soa, [0, 0, 1]),
            _ => message,
        };
        Fails(new(DnsNameTests.Name("cat.test"), Id, null, 100, new Transferred()), message, why);
    }

    [Fact]
    public void Differences_must_lead_from_our_version_to_the_servers()
    {
        Fails(Asked(3), New(DnsType.Ixfr).Soa(5).Soa(4), "differences from serial 4, and 3 was asked for");
        Fails(Asked(3), New(DnsType.Ixfr).Soa(5).Soa(3).Soa(2), "the serial goes from 3 to 2 in a difference");
        Fails(Asked(3), New(DnsType.Ixfr).Soa(5).Soa(3).Soa(6), "the serial goes from 3 to 6 in a difference");
        Fails(Asked(3), New(DnsType.Ixfr).Soa(5).Soa(3).Soa(4).Soa(5), "a difference leads to serial 4, and the next begins with 5");
    }

    [Fact]
    public void Serials_go_round()
    {
        var got = new Transferred();
        var reader = new TransferReader(DnsNameTests.Name("cat.test"), Id, 4294967295, 100, got);
        Assert.Equal(TransferReading.Done, reader.Read(New(DnsType.Ixfr).Soa(2).Soa(4294967295).Soa(2).Ptr("a.zones.cat.test", "b.example").Soa(2).Bytes()));
        Assert.Equal("+a.zones.cat.test PTR b.example", got.Lines[^1]);
    }

    [Fact]
    public void An_empty_zone_in_answer_to_IXFR_is_a_whole_zone()
    {
        var got = new Transferred();
        Assert.Equal(TransferReading.Done, new TransferReader(DnsNameTests.Name("cat.test"), Id, 3, 100, got).Read(New(DnsType.Ixfr).Soa(5).Soa(5).Bytes()));
        Assert.Equal(["Full 5", "+cat.test SOA 5"], got.Lines);
    }

    [Fact]
    public void The_first_SOA_is_of_the_zone_also_where_all_of_it_follows_in_another_message()
    {
        var got = new Transferred();
        var reader = new TransferReader(DnsNameTests.Name("cat.test"), Id, 3, 100, got);
        Assert.Equal(TransferReading.More, reader.Read(New(DnsType.Ixfr).Soa(5).Bytes()));
        Assert.Equal(TransferReading.Done, reader.Read(New(DnsType.Ixfr).Ptr("a.zones.cat.test", "b.example").Soa(5).Bytes()));
        Assert.Equal(["Full 5", "+cat.test SOA 5", "+a.zones.cat.test PTR b.example"], got.Lines);
    }

    [Fact]
    public void A_record_that_is_not_in_the_zone_is_for_the_sink_to_leave_out()
    {
        var got = new Transferred();
        var reader = new TransferReader(DnsNameTests.Name("cat.test"), Id, null, 100, got);
        Assert.Equal(TransferReading.Done, reader.Read(New(DnsType.Axfr).Soa(5).Ptr("a.zones.evil.test", "bank.example").Ptr("xcat.test", "bank.example").Soa(5).Bytes()));
        Assert.Equal(["+a.zones.evil.test PTR bank.example", "+xcat.test PTR bank.example"], got.Lines[2..]);
    }

    [Fact]
    public void Too_many_records_are_too_many()
    {
        var reader = new TransferReader(DnsNameTests.Name("cat.test"), Id, null, 2, new Transferred());
        Assert.Equal(TransferReading.TooMany, reader.Read(New(DnsType.Axfr).Soa(5).Ptr("a.zones.cat.test", "a").Ptr("b.zones.cat.test", "b").Bytes()));
    }

    [Fact]
    public void Another_id_question_or_a_truncated_message_is_no_answer()
    {
        Fails(new(DnsNameTests.Name("cat.test"), 1, null, 100, new Transferred()), New(DnsType.Axfr).Soa(5), "answer to another question");
        Fails(new(DnsNameTests.Name("dog.test"), Id, null, 100, new Transferred()), New(DnsType.Axfr).Soa(5), "answer to another question");
        Fails(new(DnsNameTests.Name("cat.test"), Id, null, 100, new Transferred()), New(DnsType.Ixfr).Soa(5), "answer to another question");
        Fails(new(DnsNameTests.Name("cat.test"), Id, null, 100, new Transferred()), new TransferMessage(Id, "cat.test", DnsType.Axfr, DnsHeader.Qr | DnsHeader.Tc).Soa(5), "truncated over TCP");
        Fails(new(DnsNameTests.Name("cat.test"), Id, null, 100, new Transferred()), new TransferMessage(Id, "cat.test", DnsType.Axfr, question: false).Soa(5), "answer to another question");
    }

    [Fact]
    public void Garbage_ends_a_transfer_and_never_throws()
    {
        var corpus = DnsVectors.All("transfer").Select(v => v.Bytes).ToList();
        FuzzRun.Mutate(corpus, 20_000, 9432, (bytes, random) =>
        {
            var reader = new TransferReader(DnsNameTests.Name("cat.test"), Id, random.Next(2) == 0 ? null : 1u, 200, new Transferred());
            var reading = reader.Read(bytes);
            if (reading == TransferReading.More)
                reading = reader.Read(corpus[random.Next(corpus.Count)]);
            Assert.Equal(reading is TransferReading.More or TransferReading.Done or TransferReading.UpToDate, reader.Why is null);
        });
    }

    static TransferMessage New(DnsType type) => new(Id, "cat.test", type);

    static TransferReader Asked(uint have) => new(DnsNameTests.Name("cat.test"), Id, have, 100, new Transferred());

    static void Fails(TransferReader reader, TransferMessage message, string why)
    {
        Assert.Equal(TransferReading.Broken, reader.Read(message.Bytes()));
        Assert.Equal(why, reader.Why);
        Assert.Equal(TransferReading.Broken, reader.Read(message.Bytes()));
    }

    static (TransferReading Reading, TransferReader Reader, Transferred Got) Play(string name, uint? have)
    {
        var got = new Transferred();
        var reader = new TransferReader(DnsNameTests.Name("cat.test"), Id, have, 1000, got);
        var reading = TransferReading.More;
        var vectors = DnsVectors.All("transfer").Where(v => v.Name.StartsWith(name + "-", StringComparison.Ordinal) && char.IsAsciiDigit(v.Name[name.Length + 1])).ToList();
        Assert.NotEmpty(vectors);
        foreach (var (_, bytes) in vectors)
        {
            Assert.Equal(TransferReading.More, reading);
            reading = reader.Read(bytes);
        }

        return (reading, reader, got);
    }
}
