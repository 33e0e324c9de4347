using System.Buffers.Binary;
using System.Text;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.ErrorReports;

/// <summary>A response, read strictly: each count and length in it must be right, and it must be one to its query.</summary>
internal sealed class Answered
{
    public Answered(byte[] query, byte[] response)
    {
        Bytes = response;
        Assert.True(DnsHeader.TryRead(response, out var header));
        Assert.True(header.IsResponse);
        Assert.Equal(BinaryPrimitives.ReadUInt16BigEndian(query), header.Id);
        var reader = new DnsReader(response);
        for (var i = 0; i < header.Questions; i++)
        {
            var from = reader.Offset;
            Assert.True(reader.TrySkipQuestion());
            // In its own letter case.
            Assert.Equal(query[from..reader.Offset], response[from..reader.Offset]);
        }
        var rcode = (int)header.RcodeBits;
        Records = [.. Read(ref reader, header.Answers, "answer", ref rcode), .. Read(ref reader, header.Authorities, "authority", ref rcode), .. Read(ref reader, header.Additionals, "additional", ref rcode)];
        Assert.True(reader.AtEnd);
        (Rcode, Flags) = ((DnsRcode)rcode, header.Flags);
    }

    public byte[] Bytes { get; }

    public DnsRcode Rcode { get; }

    public ushort Flags { get; }

    public bool Truncated => (Flags & DnsHeader.Tc) != 0;

    public bool Authoritative => (Flags & DnsHeader.Aa) != 0;

    /// <summary>`answer a01.agent-domain.example 600 In Txt "Report received"`, without the OPT record.</summary>
    public IReadOnlyList<string> Records { get; }

    public bool HasEdns { get; private set; }

    public bool DnssecOk { get; private set; }

    public Dictionary<EdnsOption, byte[]> Options { get; } = [];

    List<string> Read(ref DnsReader reader, int count, string section, ref int rcode)
    {
        List<string> found = [];
        for (var i = 0; i < count; i++)
        {
            Assert.True(reader.TryReadRecord(out var record));
            Assert.True(reader.TryReadOwner(record, out var owner));
            if (record.Type != DnsType.Opt)
            {
                found.Add($"{section} {owner} {record.Ttl} {record.Class} {record.Type} {Data(reader.Message, record)}");
                continue;
            }
            Assert.False(HasEdns);
            Assert.True(Edns.TryRead(reader.Message, record, out var edns));
            HasEdns = true;
            DnssecOk = (record.Ttl & 0x8000) != 0;
            rcode |= edns.RcodeBits << 4;
            for (var rest = edns.Options; Edns.TryNext(ref rest, out var code, out var data);) Options.Add(code, data.ToArray());
        }
        return found;
    }

    static string Data(ReadOnlySpan<byte> message, DnsRecord record)
    {
        var data = record.Data;
        switch (record.Type)
        {
            case DnsType.A or DnsType.Aaaa:
                return new System.Net.IPAddress(data).ToString();
            case DnsType.Ns:
                var at = record.DataStart;
                Assert.True(DnsName.TryRead(message, ref at, out var server));
                Assert.Equal(record.DataStart + data.Length, at);
                return server.ToString();
            case DnsType.Soa:
                Assert.True(Soa.TryRead(message, record, out var soa));
                return $"serial {soa.Serial} minimum {BinaryPrimitives.ReadUInt32BigEndian(data[^4..])}";
            default:
                List<string> strings = [];
                while (!data.IsEmpty)
                {
                    strings.Add($"\"{Encoding.ASCII.GetString(data.Slice(1, data[0]))}\"");
                    data = data[(data[0] + 1)..];
                }
                return string.Join(' ', strings);
        }
    }
}
