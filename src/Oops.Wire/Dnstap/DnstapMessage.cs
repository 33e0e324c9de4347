using Oops.Wire.Protobuf;

namespace Oops.Wire.Dnstap;

/// <summary>Who asked whom, and which half of it this is (dnstap.proto, Message.Type). Odd ones are queries, even ones responses.</summary>
public enum DnstapType : byte
{
    None = 0,

    /// <summary>An authoritative server was asked.</summary>
    AuthQuery = 1,
    AuthResponse = 2,

    /// <summary>A resolver asked an authoritative server.</summary>
    ResolverQuery = 3,
    ResolverResponse = 4,

    /// <summary>A resolver was asked by a client.</summary>
    ClientQuery = 5,
    ClientResponse = 6,

    /// <summary>A resolver or proxy asked another resolver.</summary>
    ForwarderQuery = 7,
    ForwarderResponse = 8,
    StubQuery = 9,
    StubResponse = 10,
    ToolQuery = 11,
    ToolResponse = 12,
    UpdateQuery = 13,
    UpdateResponse = 14,
}

/// <summary>What a data frame turned out to be.</summary>
public enum DnstapReading : byte
{
    Malformed,

    /// <summary>A dnstap payload that is no message, which nobody sends today.</summary>
    Other,
    Message,
}

/// <summary>
/// One dnstap message as a view on its frame (dnstap.proto, version of 2023: Dnstap fields 1, 2, 14, 15; Message fields 1, 3, 4, 8 to 14). Nothing is copied, nothing allocated; fields that
/// nobody here needs (the server's address, ports, policy) are walked over.
/// </summary>
public ref struct DnstapMessage
{
    /// <summary>The sender's name for itself; empty: it gave none.</summary>
    public ReadOnlySpan<byte> Identity { get; private set; }

    /// <summary>Its software and version; empty: it gave none.</summary>
    public ReadOnlySpan<byte> Version { get; private set; }

    public DnstapType Type { get; private set; }

    /// <summary>It came by a transport with a handshake (TCP, TLS, HTTPS, DNSCrypt over TCP, QUIC): the address of who asked is no forgery.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>The address of who asked, 4 or 16 octets; empty: not told.</summary>
    public ReadOnlySpan<byte> Client { get; private set; }

    /// <summary>When the query was sent or received: seconds since 1970, and nanoseconds; 0: not told.</summary>
    public ulong QuerySeconds { get; private set; }

    public uint QueryNanoseconds { get; private set; }

    /// <summary>The same of the response.</summary>
    public ulong ResponseSeconds { get; private set; }

    public uint ResponseNanoseconds { get; private set; }

    /// <summary>The query in DNS wire form; empty: not included.</summary>
    public ReadOnlySpan<byte> Query { get; private set; }

    /// <summary>The response in DNS wire form; empty: not included.</summary>
    public ReadOnlySpan<byte> Response { get; private set; }

    /// <summary>The zone that answered, a name in wire form; empty: not told (NSD tells it, the others do not).</summary>
    public ReadOnlySpan<byte> Zone { get; private set; }

    /// <summary>It is the query, not the response.</summary>
    public readonly bool IsQuery => ((byte)Type & 1) == 1;

    public static DnstapReading TryRead(ReadOnlySpan<byte> frame, out DnstapMessage message)
    {
        message = default;
        var reader = new ProtobufReader(frame);
        var kind = 0UL;
        ReadOnlySpan<byte> inner = default;
        var found = false;
        while (reader.TryNext())
        {
            switch (reader.Field)
            {
                case 1 when reader.IsBytes:
                    message.Identity = reader.Bytes;
                    break;
                case 2 when reader.IsBytes:
                    message.Version = reader.Bytes;
                    break;
                case 14 when reader.IsBytes:
                    inner = reader.Bytes;
                    found = true;
                    break;
                case 15 when !reader.IsBytes:
                    kind = reader.Number;
                    break;
                default:
                    break;
            }
        }

        if (!reader.AtEnd || kind == 0)
            return Malformed(out message);
        if (kind != 1)
            return DnstapReading.Other;
        return found && message.TryReadInner(inner) ? DnstapReading.Message : Malformed(out message);
    }

    static DnstapReading Malformed(out DnstapMessage message)
    {
        message = default;
        return DnstapReading.Malformed;
    }

    bool TryReadInner(ReadOnlySpan<byte> inner)
    {
        var reader = new ProtobufReader(inner);
        while (reader.TryNext())
        {
            switch (reader.Field)
            {
                // Types that are newer than this code are messages that do not count, not mistakes.
                case 1 when !reader.IsBytes:
                    Type = reader.Number <= (ulong)DnstapType.UpdateResponse ? (DnstapType)reader.Number : DnstapType.None;
                    break;
                // UDP is 1, and 5 is DNSCrypt over UDP.
                case 3 when !reader.IsBytes:
                    IsConnected = reader.Number is 2 or 3 or 4 or 6 or 7;
                    break;
                case 4 when reader.IsBytes:
                    Client = reader.Bytes;
                    break;
                case 8 when !reader.IsBytes:
                    QuerySeconds = reader.Number;
                    break;
                case 9 when !reader.IsBytes:
                    QueryNanoseconds = (uint)reader.Number;
                    break;
                case 10 when reader.IsBytes:
                    Query = reader.Bytes;
                    break;
                case 11 when reader.IsBytes:
                    Zone = reader.Bytes;
                    break;
                case 12 when !reader.IsBytes:
                    ResponseSeconds = reader.Number;
                    break;
                case 13 when !reader.IsBytes:
                    ResponseNanoseconds = (uint)reader.Number;
                    break;
                case 14 when reader.IsBytes:
                    Response = reader.Bytes;
                    break;
                default:
                    break;
            }
        }

        return reader.AtEnd;
    }
}
