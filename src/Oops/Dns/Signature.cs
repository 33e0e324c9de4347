using Oops.Wire.Dns;

namespace Oops.Dns;

/// <summary>What is wrong with the signature on an answer, in words.</summary>
internal static class Signature
{
    /// <summary>Null if the answer is signed as its query was.</summary>
    public static string? Complaint(ReadOnlySpan<byte> message, in TsigContext signed, TimeProvider time) =>
        Tsig.VerifyResponse(message, signed, time.GetUtcNow().ToUnixTimeSeconds(), out var error) switch
        {
            TsigStatus.Valid when error == 0 => null,
            TsigStatus.Valid when error == 18 => "TSIG: the server says BADTIME: compare the clocks",
            TsigStatus.Valid when error == 22 => "TSIG: the server says BADTRUNC",
            TsigStatus.PeerRefused when error == 17 => "TSIG: the server says BADKEY (unsigned): it has no such key",
            TsigStatus.PeerRefused => "TSIG: the server says BADSIG (unsigned): the secrets differ",
            TsigStatus.Absent => "TSIG: the answer is not signed",
            TsigStatus.BadTime => "TSIG: the answer is out of time: compare the clocks",
            TsigStatus.BadKey => "TSIG: the answer is signed by another key",
            TsigStatus.BadTrunc or TsigStatus.FormErr => "TSIG: the answer's MAC has a wrong size",
            _ => "TSIG: the answer's MAC is wrong",
        };
}
