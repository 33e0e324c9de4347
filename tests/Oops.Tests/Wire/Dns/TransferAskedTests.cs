using System.Buffers.Binary;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

public sealed class TransferAskedTests
{
    /// <param name="type">The question's.</param>
    /// <param name="response">It is an answer, with this code.</param>
    /// <param name="records">Types of the records behind the question.</param>
    internal static byte[] Message(DnsType type, byte? response = null, params DnsType[] records)
    {
        byte[] message = [0, 7, (byte)(response is null ? 0 : 0x84), response ?? 0, 0, 1, 0, 0, 0, 0, 0, (byte)records.Length, .. DnsNameTests.Name("Example").Wire, 0, (byte)type, 0, 1, .. records.SelectMany(static r => (byte[])[0, 0, (byte)r, 0, 255, 0, 0, 0, 0, 0, 2, 1, 2])];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(DnsHeader.Size + 9), (ushort)type);
        return message;
    }

    [Theory]
    [InlineData(DnsType.Axfr)]
    [InlineData(DnsType.Ixfr)]
    public void A_transfer_is_told_from_its_query_and_its_refusal(DnsType type)
    {
        Assert.True(TransferAsked.TryRead(Message(type, null, DnsType.Soa, DnsType.Opt), out var asked));
        Assert.Equal(("example", false, false, false), (asked.Zone.ToString(), asked.IsResponse, asked.IsRefusal, asked.IsSigned));
        Assert.True(TransferAsked.TryRead(Message(type, null, DnsType.Soa, DnsType.Opt, DnsType.Tsig), out asked));
        Assert.True(asked.IsSigned);
        Assert.True(TransferAsked.TryRead(Message(type, 0), out asked));
        Assert.Equal((true, false), (asked.IsResponse, asked.IsRefusal));
        Assert.True(TransferAsked.TryRead(Message(type, (byte)DnsRcode.Refused), out asked));
        Assert.Equal((true, true), (asked.IsResponse, asked.IsRefusal));
        Assert.True(TransferAsked.TryRead(Message(type, (byte)DnsRcode.NotAuth), out asked));
        Assert.True(asked.IsRefusal);
        // All its places for transfers are taken, or the zone is being loaded.
        Assert.True(TransferAsked.TryRead(Message(type, (byte)DnsRcode.ServFail), out asked));
        Assert.Equal((true, false), (asked.IsResponse, asked.IsRefusal));
    }

    [Fact]
    public void What_is_no_transfer_or_is_cut_is_none()
    {
        Assert.False(TransferAsked.TryRead(Message(DnsType.Soa), out _));
        var whole = Message(DnsType.Ixfr, null, DnsType.Soa);
        for (var length = 0; length < whole.Length; length++)
            Assert.False(TransferAsked.TryRead(whole.AsSpan(0, length), out _));
    }
}
