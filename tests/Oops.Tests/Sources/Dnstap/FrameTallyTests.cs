using Oops.Engine;
using Oops.Sources.Dnstap;
using Oops.Tests.Wire;
using Oops.Tests.Wire.Dns;
using Oops.Tests.Wire.Dnstap;
using Oops.Wire.Dns;
using Oops.Wire.Dnstap;
using Xunit;

namespace Oops.Tests.Sources.Dnstap;

public sealed class FrameTallyTests
{
    readonly ErrorTable errors = new(DnstapMeter.Buckets);
    readonly FrameTally tally;

    public FrameTallyTests() => tally = new(errors);

    [Theory]
    [InlineData("knot", 12, 24, 0, 6)]
    [InlineData("nsd", 11, 22, 0, 3)]
    [InlineData("bind", 13, 23, 2, 0)]
    [InlineData("unbound", 7, 13, 35, 1)]
    [InlineData("recursor", 0, 0, 9, 0)]
    [InlineData("dnsdist", 3, 6, 0, 1)]
    [InlineData("kresd", 5, 10, 0, 3)]
    public void Of_what_a_server_sent_each_query_counts_once(string sample, long queries, long counted, long ignored, long withErrors)
    {
        Take(Frames.Of(sample));
        Assert.Equal((queries, counted, ignored, withErrors), (tally.Queries, tally[FrameFate.Counted], tally[FrameFate.Ignored], tally.WithErrors));
        Assert.Equal((0, 0, 0), (tally[FrameFate.Malformed], tally[FrameFate.Giant], tally.Unreadable));
    }

    [Fact]
    public void Where_only_responses_are_logged_they_are_the_queries()
    {
        for (var i = 0; i < 5; i++) Take(Frames.Message(DnstapType.ClientResponse, Frames.Response("a.test")));
        Assert.Equal(5, tally.Queries);
        // Of the other sort both are.
        for (var i = 0; i < 3; i++) Take([.. Frames.Message(DnstapType.AuthQuery), .. Frames.Message(DnstapType.AuthResponse, Frames.Response("a.test"))]);
        Assert.Equal(8, tally.Queries);
    }

    [Fact]
    public void Who_asks_for_a_transfer_is_told_to_who_wants_to_know_unless_the_address_can_be_forged_or_the_query_is_signed()
    {
        var (talk, seen) = (new TransferTalk(), new List<string>());
        var one = new FrameTally(errors, talk, "ns1");
        void Told(byte[] frame, params string[] what)
        {
            seen.Clear();
            one.Take(frame, shed: false, out _);
            Assert.Equal(what, seen);
        }

        var query = Frames.Of(DnstapType.AuthQuery, 2, TransferAskedTests.Message(DnsType.Axfr));
        Told(query);
        using (talk.Hear("ns1", s => seen.Add(s.ToString())))
        {
            Told(query, "TransferSeen { Zone = example, Client = 192.0.2.7, Refused = False }");
            Told(Frames.Of(DnstapType.AuthResponse, 2, TransferAskedTests.Message(DnsType.Axfr, (byte)DnsRcode.Refused)), "TransferSeen { Zone = example, Client = 192.0.2.7, Refused = True }");
            Told(Frames.Of(DnstapType.AuthResponse, 2, TransferAskedTests.Message(DnsType.Axfr, 0)));
            Told(Frames.Of(DnstapType.AuthQuery, 1, TransferAskedTests.Message(DnsType.Ixfr)));
            Told(Frames.Of(DnstapType.AuthQuery, 2, TransferAskedTests.Message(DnsType.Axfr, null, DnsType.Tsig)));
            Told(Frames.Of(DnstapType.AuthQuery, 2, TransferAskedTests.Message(DnsType.A)));
            Told(Frames.Of(DnstapType.ResolverQuery, 2, TransferAskedTests.Message(DnsType.Axfr)));
            using var other = talk.Hear("ns1", s => seen.Add("too"));
            Told(query, "TransferSeen { Zone = example, Client = 192.0.2.7, Refused = False }", "too");
        }

        Told(query);
        Assert.False(talk.IsHeard("ns1"));
    }

    [Fact]
    public void What_a_resolver_asks_of_others_does_not_count()
    {
        foreach (var type in Enum.GetValues<DnstapType>()) Take(Frames.Message(type, Frames.Response("a.test", 22)));
        Assert.Equal((2, 4, 2), (tally.Queries, tally[FrameFate.Counted], tally.WithErrors));
        Assert.Equal(Enum.GetValues<DnstapType>().Length - 4, tally[FrameFate.Ignored]);
    }

    [Fact]
    public void Every_frame_has_exactly_one_fate_wherever_the_stream_is_cut()
    {
        var giant = new byte[FrameTally.Longest + 1];
        byte[] stream = [.. Frames.Of("knot"), .. Frames.Data([1, 2, 3]), .. Frames.Data(giant), .. Frames.Of("unbound"), .. Frames.Control(ControlType.Stop)];
        foreach (var piece in new[] { 1, 3, 100, 4096, stream.Length })
        {
            var one = new FrameTally(errors);
            var (begin, end) = (0, StreamEnd.Open);
            for (var to = Math.Min(piece, stream.Length); end == StreamEnd.Open; to = Math.Min(to + piece, stream.Length)) begin += one.Take(stream.AsSpan(begin, to - begin), shed: false, out end);
            Assert.Equal(StreamEnd.Stop, end);
            Assert.Equal(stream.Length, begin);
            Assert.Equal((37, 35, 1, 1, 0), (one[FrameFate.Counted], one[FrameFate.Ignored], one[FrameFate.Malformed], one[FrameFate.Giant], one[FrameFate.Shed]));
        }
    }

    [Fact]
    public void What_is_shed_is_counted_and_not_looked_at()
    {
        var stream = Frames.Of("knot");
        Assert.Equal(stream.Length, tally.Take(stream, shed: true, out _));
        Assert.Equal((0, 0, 24), (tally.Queries, tally[FrameFate.Counted], tally[FrameFate.Shed]));
    }

    [Theory]
    [InlineData("FFFFFFFF")]
    [InlineData("00000000FFFFFFFF")]
    [InlineData("000000000000000400000002")] // START within the data
    [InlineData("000000000000000400000009")]
    public void What_is_no_frame_stream_ends_it(string hex)
    {
        byte[] stream = [.. Frames.Of("nsd"), .. Convert.FromHexString(hex)];
        tally.Take(stream, shed: false, out var end);
        Assert.Equal((StreamEnd.Broken, 22), (end, tally[FrameFate.Counted]));
    }

    [Fact]
    public void A_response_that_is_no_DNS_message_is_still_a_response()
    {
        Take(Frames.Message(DnstapType.AuthResponse, [1, 2, 3]));
        Assert.Equal((1, 1, 1), (tally.Queries, tally.Unreadable, tally[FrameFate.Counted]));
    }

    [Fact]
    public void A_frame_costs_no_allocation()
    {
        byte[] stream = [.. Samples.Names.SelectMany(Frames.Of)];
        tally.Take(stream, shed: false, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) tally.Take(stream, shed: i % 2 == 0, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void No_stream_makes_it_throw_or_grow()
    {
        var corpus = Samples.Names.Select(Frames.Of).ToArray();
        foreach (var stream in corpus) Take(stream);
        var before = GC.GetTotalAllocatedBytes();
        FuzzRun.Mutate(corpus, 20_000, 3, (bytes, random) =>
        {
            var one = new FrameTally(errors);
            var taken = one.Take(bytes, random.Next(2) == 0, out _);
            if (taken < 0 || taken > bytes.Length) throw new InvalidOperationException($"took {taken} of {bytes.Length}");
        });
        // The mutations themselves allocate some kilobytes each; the table has its places and no more.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 2_000_000_000);
    }

    void Take(byte[] stream)
    {
        Assert.Equal(stream.Length, tally.Take(stream, shed: false, out var end));
        Assert.Equal(StreamEnd.Open, end);
    }
}
