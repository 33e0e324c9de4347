using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Oops.Wire.Gobgp;

/// <summary>Messages in the body of a gRPC request or answer: an octet that says whether it is compressed, four of length, the message.</summary>
public static class GrpcFrames
{
    const int Head = 5;

    public static byte[] Write(params ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        var size = 0;
        foreach (var message in messages) size += Head + message.Length;
        var body = new byte[size];
        var rest = body.AsSpan();
        foreach (var message in messages)
        {
            BinaryPrimitives.WriteInt32BigEndian(rest[1..], message.Length);
            message.Span.CopyTo(rest[Head..]);
            rest = rest[(Head + message.Length)..];
        }

        return body;
    }

    /// <summary>False where the body is none of whole messages without compression, which we have not offered.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> body, out ImmutableArray<ReadOnlyMemory<byte>> messages)
    {
        var found = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
        messages = [];
        while (!body.IsEmpty)
        {
            if (body.Length < Head || body.Span[0] != 0) return false;
            var length = BinaryPrimitives.ReadUInt32BigEndian(body.Span[1..]);
            if (length > (uint)(body.Length - Head)) return false;
            found.Add(body.Slice(Head, (int)length));
            body = body[(Head + (int)length)..];
        }

        messages = found.ToImmutable();
        return true;
    }
}
