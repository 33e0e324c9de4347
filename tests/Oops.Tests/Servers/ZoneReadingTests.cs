using System.Buffers.Binary;
using Oops.Core;
using Oops.Servers;
using Oops.Sources.Probe;
using Oops.Tests.Wire.Dns;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.Probe;

public sealed class ZoneReadingTests
{
    [Theory]
    [InlineData("knot-primary", "file.test", 100L, null)]
    [InlineData("knot-secondary", "sec.test", 4294967295L, null)]
    [InlineData("nsd-primary", "nfile.test", 7L, null)]
    [InlineData("knot-not-loaded", "dead.test", Signal.Absent, "SERVFAIL, EDE 24")]
    [InlineData("knot-refused", "other.test", Signal.Absent, "REFUSED, EDE 20")]
    [InlineData("knot-nxdomain", "nope.file.test", Signal.Absent, "NXDOMAIN")]
    [InlineData("nsd-not-loaded", "gone.test", Signal.Absent, "SERVFAIL, EDE 14 (Zone is configured but not loaded)")]
    public void Servers_answers_are_facts_about_the_zone(string vector, string zone, long serial, string? detail) =>
        Assert.Equal((serial, detail), ZoneReading.Serial(Read(DnsVectors.Get("soa", vector), zone)));

    [Fact]
    public void An_answer_without_AA_is_not_the_zones()
    {
        var message = DnsVectors.Get("soa", "knot-primary");
        message[2] &= 0xFB;
        Assert.Equal(Signal.Absent, ZoneReading.Serial(Read(message, "file.test")).Serial);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_server_that_does_not_understand_says_nothing_about_the_zone(byte rcode)
    {
        var message = DnsVectors.Get("soa", "knot-refused");
        message[3] = rcode;
        Assert.Null(ZoneReading.Serial(Read(message, "other.test")).Serial);
    }

    static SoaAnswer Read(byte[] message, string zone)
    {
        Assert.True(DnsName.TryParse(zone, out var name));
        Assert.Equal(AnswerReading.Answer, SoaAnswer.TryRead(message, BinaryPrimitives.ReadUInt16BigEndian(message), name, out var answer));
        return answer;
    }
}
