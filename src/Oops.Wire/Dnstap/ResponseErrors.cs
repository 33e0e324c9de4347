using System.Buffers.Binary;
using Oops.Wire.Dns;

namespace Oops.Wire.Dnstap;

/// <summary>The response code and the Extended DNS Errors (RFC 8914) of a response, as a view on it: a response may have several. dnstap has no field for them; they are in the OPT record.</summary>
public readonly ref struct ResponseErrors
{
    readonly ReadOnlySpan<byte> options;

    ResponseErrors(DnsRcode rcode, ReadOnlySpan<byte> options)
    {
        Rcode = rcode;
        this.options = options;
    }

    /// <summary>With the upper bits of the OPT record, if there is one.</summary>
    public DnsRcode Rcode { get; }

    /// <summary>False if the message is malformed up to its OPT record.</summary>
    public static bool TryRead(ReadOnlySpan<byte> response, out ResponseErrors errors)
    {
        errors = default;
        if (!DnsHeader.TryRead(response, out var header))
            return false;
        var rcode = (DnsRcode)header.RcodeBits;
        errors = new ResponseErrors(rcode, default);
        // Counts are not trusted: the octets run out first.
        if (header.Additionals == 0)
            return true;
        var reader = new DnsReader(response);
        for (var i = 0; i < header.Questions; i++)
        {
            if (!reader.TrySkipQuestion())
                return false;
        }

        var before = header.Answers + header.Authorities;
        for (var i = 0; i < before + header.Additionals; i++)
        {
            if (!reader.TryReadRecord(out var record))
                return false;
            if (i < before || record.Type != DnsType.Opt)
                continue;
            if (!Edns.TryRead(response, record, out var edns))
                return false;
            errors = new ResponseErrors((DnsRcode)(edns.RcodeBits << 4 | (int)rcode), response.Slice(record.DataStart, record.Data.Length));
            return true;
        }

        return true;
    }

    /// <summary>The name that was asked for, without a copy of the message; false if there is none.</summary>
    public static bool TryReadName(ReadOnlySpan<byte> message, out DnsName name)
    {
        name = default;
        var offset = DnsHeader.Size;
        return DnsHeader.TryRead(message, out var header) && header.Questions > 0 && DnsName.TryRead(message, ref offset, out name);
    }

    public Enumerator GetEnumerator() => new(options);

    /// <summary>One after the other; options of other codes, and those too short for an INFO-CODE, are passed over.</summary>
    public ref struct Enumerator(ReadOnlySpan<byte> options)
    {
        ReadOnlySpan<byte> rest = options;

        public ExtendedDnsError Current { get; private set; }

        public bool MoveNext()
        {
            // They were found to be well formed.
            while (rest.Length >= 4)
            {
                var code = (EdnsOption)BinaryPrimitives.ReadUInt16BigEndian(rest);
                var data = rest.Slice(4, BinaryPrimitives.ReadUInt16BigEndian(rest[2..]));
                rest = rest[(4 + data.Length)..];
                if (code != EdnsOption.ExtendedError || data.Length < 2)
                    continue;
                Current = new ExtendedDnsError(BinaryPrimitives.ReadUInt16BigEndian(data), data[2..]);
                return true;
            }

            return false;
        }
    }
}

/// <summary>One Extended DNS Error.</summary>
public readonly ref struct ExtendedDnsError(ushort code, ReadOnlySpan<byte> text)
{
    /// <summary>INFO-CODE.</summary>
    public ushort Code { get; } = code;

    /// <summary>EXTRA-TEXT as it came: UTF-8 by the RFC, anything in practice.</summary>
    public ReadOnlySpan<byte> Text { get; } = text;
}
