using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Oops.Tests.Wire.Dns;

/// <summary>Signs the messages of a stream with hmac-sha256 as RFC 8945 (5.3.1) has it, written without the code that is tested.</summary>
internal sealed class SignedStream(byte[] requestMac, byte[] secret, string key = "k-sha256")
{
    byte[] before = requestMac;
    readonly List<byte> unsigned = [];
    bool begun;

    /// <summary>The MAC of a request that was signed with a 32-octet MAC and nothing behind it.</summary>
    public static byte[] MacOf(byte[] request) => request[^38..^6];

    /// <summary>The same message; what it says is in the next MAC.</summary>
    public byte[] Unsigned(byte[] message)
    {
        unsigned.AddRange(message);
        return message;
    }

    public byte[] Signed(byte[] message, long time, bool asFirst = false)
    {
        byte[] name = Wire(key), algorithm = Wire("hmac-sha256");
        byte[] timers = [.. Time(time), 1, 0x2c];
        byte[] variables = begun && !asFirst ? timers : [.. name, 0, 255, 0, 0, 0, 0, .. algorithm, .. timers, 0, 0, 0, 0];
        byte[] data = [(byte)(before.Length >> 8), (byte)before.Length, .. before, .. unsigned, .. message, .. variables];
        before = HMACSHA256.HashData(secret, data);
        unsigned.Clear();
        begun = true;
        byte[] rdata = [.. algorithm, .. timers, 0, 32, .. before, message[0], message[1], 0, 0, 0, 0];
        byte[] whole = [.. message, .. name, 0, 250, 0, 255, 0, 0, 0, 0, (byte)(rdata.Length >> 8), (byte)rdata.Length, .. rdata];
        BinaryPrimitives.WriteUInt16BigEndian(whole.AsSpan(10), (ushort)(BinaryPrimitives.ReadUInt16BigEndian(whole.AsSpan(10)) + 1));
        return whole;
    }

    static byte[] Time(long time) => [(byte)(time >> 40), (byte)(time >> 32), (byte)(time >> 24), (byte)(time >> 16), (byte)(time >> 8), (byte)time];

    static byte[] Wire(string name) => [(byte)name.Length, .. Encoding.ASCII.GetBytes(name), 0];
}
