using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>What is wrong with the signature on an answer, in words.</summary>
internal static class Signature
{
    /// <summary>Null if the answer is signed as its query was.</summary>
    public static string? Complaint(ReadOnlySpan<byte> message, in TsigContext signed, TimeProvider time) =>
        Words(Tsig.VerifyResponse(message, signed, time.GetUtcNow().ToUnixTimeSeconds(), out var error), error, "answer");

    /// <summary>Null if the next message of a stream is signed, or need not be.</summary>
    public static string? Complaint(TsigStream stream, ReadOnlySpan<byte> message, TimeProvider time)
    {
        var status = stream.Take(message, time.GetUtcNow().ToUnixTimeSeconds(), out var error, out var mayFollow);
        if (status == TsigStatus.Absent && mayFollow)
            return null;
        return status == TsigStatus.Absent && stream.Unsigned > 0 ? $"TSIG: more than {TsigStream.MostUnsigned} messages in a row are not signed" : Words(status, error, "message");
    }

    static string? Words(TsigStatus status, ushort error, string what) => status switch
    {
        TsigStatus.Valid when error == 0 => null,
        TsigStatus.Valid when error == 18 => "TSIG: the server says BADTIME: compare the clocks",
        TsigStatus.Valid when error == 22 => "TSIG: the server says BADTRUNC",
        TsigStatus.PeerRefused when error == 17 => "TSIG: the server says BADKEY (unsigned): it has no such key, or does not let it do this",
        TsigStatus.PeerRefused => "TSIG: the server says BADSIG (unsigned): the secrets differ",
        TsigStatus.Absent => $"TSIG: the {what} is not signed",
        TsigStatus.BadTime => $"TSIG: the {what} is out of time: compare the clocks",
        TsigStatus.BadKey => $"TSIG: the {what} is signed by another key",
        TsigStatus.BadTrunc or TsigStatus.FormErr => $"TSIG: the {what}'s MAC has a wrong size",
        _ => $"TSIG: the {what}'s MAC is wrong",
    };
}
