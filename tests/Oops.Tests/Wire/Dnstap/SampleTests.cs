using System.Text;
using Oops.Wire.Dns;
using Oops.Wire.Dnstap;
using Xunit;

namespace Oops.Tests.Wire.Dnstap;

/// <summary>What real servers send decodes to what they meant.</summary>
public sealed class SampleTests
{
    const DnstapType AQ = DnstapType.AuthQuery, AR = DnstapType.AuthResponse, RQ = DnstapType.ResolverQuery, RR = DnstapType.ResolverResponse, CQ = DnstapType.ClientQuery, CR = DnstapType.ClientResponse;

    public static TheoryData<string, string, string, int, string> Table => new()
    {
        { "knot", "vm", "Knot DNS 3.2.6", 24, "AuthQuery 12, AuthResponse 12" },
        { "nsd", "nsd-lab", "NSD 4.6.1", 22, "AuthQuery 11, AuthResponse 11" },
        { "bind", "bind-lab", "BIND 9.18.49-1~deb12u3-Debian", 25, "AuthQuery 13, AuthResponse 10, UpdateQuery 1, UpdateResponse 1" },
        { "unbound", "unbound-lab", "unbound 1.17.1", 48, "ResolverQuery 22, ResolverResponse 13, ClientQuery 7, ClientResponse 6" },
        { "recursor", "recursor-lab", "pdns-recursor 4.8.8", 9, "ResolverQuery 5, ResolverResponse 4" },
        { "dnsdist", "dnsdist-lab", "dnsdist 1.7.3", 6, "ClientQuery 3, ClientResponse 3" },
        { "kresd", "kresd-lab", "5.6.0", 10, "ClientQuery 5, ClientResponse 5" },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_servers_frames_have_its_name_its_version_and_their_types(string file, string identity, string version, int count, string types)
    {
        var frames = Samples.Frames(file);
        Assert.Equal(count, frames.Count);
        var seen = new SortedDictionary<DnstapType, int>();
        foreach (var frame in frames)
        {
            Assert.Equal(DnstapReading.Message, DnstapMessage.TryRead(frame, out var message));
            Assert.Equal((identity, version), (Encoding.UTF8.GetString(message.Identity), Encoding.UTF8.GetString(message.Version)));
            seen[message.Type] = seen.GetValueOrDefault(message.Type) + 1;
        }

        Assert.Equal(types, string.Join(", ", seen.Select(s => $"{s.Key} {s.Value}")));
    }

    [Theory]
    [InlineData("knot", "20 20 20 24 24 24", "")]
    [InlineData("nsd", "20 20 20", "")]
    [InlineData("bind", "", "")]
    [InlineData("unbound", "9", "validation failure")]
    [InlineData("recursor", "", "")]
    [InlineData("dnsdist", "20", "")]
    [InlineData("kresd", "6 15 21", "EXRU CR36 CR36")]
    public void The_errors_of_the_responses_are_found(string file, string codes, string texts)
    {
        List<(ushort Code, string Text)> errors = [];
        foreach (var frame in Samples.Frames(file))
        {
            DnstapMessage.TryRead(frame, out var message);
            if (message.Type is not (AR or CR)) continue;
            Assert.True(ResponseErrors.TryRead(message.Response, out var found));
            foreach (var error in found) errors.Add((error.Code, Encoding.UTF8.GetString(error.Text)));
        }

        errors.Sort();
        Assert.Equal(codes, string.Join(' ', errors.Select(e => e.Code)));
        Assert.StartsWith(texts, string.Join(' ', errors.Select(e => e.Text).Where(t => t.Length > 0)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("knot")]
    [InlineData("nsd")]
    [InlineData("unbound")]
    [InlineData("dnsdist")]
    [InlineData("kresd")]
    public void Each_message_has_its_time_its_half_and_a_name(string file)
    {
        foreach (var frame in Samples.Frames(file))
        {
            DnstapMessage.TryRead(frame, out var message);
            var half = message.IsQuery ? message.Query : message.Response;
            Assert.True(DnsHeader.TryRead(half, out var header));
            Assert.Equal(!message.IsQuery, header.IsResponse);
            Assert.InRange(message.IsQuery ? message.QuerySeconds : message.ResponseSeconds, 1_763_000_000UL, 1_800_000_000UL);
            Assert.InRange(message.IsQuery ? message.QueryNanoseconds : message.ResponseNanoseconds, 0u, 999_999_999u);
            Assert.True(ResponseErrors.TryReadName(half, out _));
        }
    }

    [Fact]
    public void NSD_tells_the_zone_that_answered()
    {
        var zones = new HashSet<string>();
        foreach (var frame in Samples.Frames("nsd"))
        {
            DnstapMessage.TryRead(frame, out var message);
            if (message.Zone.IsEmpty) continue;
            var offset = 0;
            Assert.True(DnsName.TryRead(message.Zone, ref offset, out var zone));
            zones.Add(zone.ToString());
        }

        Assert.Contains("nfile.test", zones);
    }

    [Fact]
    public void Knots_response_code_is_that_of_the_message()
    {
        var rcodes = new SortedSet<DnsRcode>();
        foreach (var frame in Samples.Frames("knot"))
        {
            DnstapMessage.TryRead(frame, out var message);
            if (message.Type == AR && ResponseErrors.TryRead(message.Response, out var errors)) rcodes.Add(errors.Rcode);
        }

        Assert.Contains(DnsRcode.Refused, rcodes);
        Assert.Contains(DnsRcode.ServFail, rcodes);
        Assert.Contains(DnsRcode.NoError, rcodes);
    }

    [Fact]
    public void Queries_are_odd_and_responses_even()
    {
        foreach (var type in new[] { AQ, RQ, CQ, DnstapType.UpdateQuery, AR, RR, CR, DnstapType.UpdateResponse })
        {
            Assert.Equal(DnstapReading.Message, DnstapMessage.TryRead([0x72, 2, 8, (byte)type, 0x78, 1], out var message));
            Assert.Equal((type, type.ToString().EndsWith("Query", StringComparison.Ordinal)), (message.Type, message.IsQuery));
        }
    }
}
