using System.Globalization;
using Oops.Core;
using Oops.Wire.Dns;

namespace Oops.Servers;

/// <summary>What an answer says of the zone itself.</summary>
internal static class ZoneReading
{
    /// <summary>The serial; <see cref="Signal.Absent"/> with the reason when the server says that it does not serve the zone; null when the answer says neither.</summary>
    public static (long? Serial, string? Detail) Serial(in SoaAnswer answer)
    {
        switch (answer.Rcode)
        {
            case DnsRcode.NoError when answer is { Soa: { } soa, Authoritative: true }:
                return (soa.Serial, null);
            case DnsRcode.NoError when answer.Soa is not null:
                return (Signal.Absent, "answer without AA: a cache's, not the zone's");
            case DnsRcode.NoError:
                return (Signal.Absent, answer.Authoritative ? "no SOA at this name" : "referral: not authoritative");
            case DnsRcode.ServFail or DnsRcode.Refused or DnsRcode.NxDomain or DnsRcode.NotAuth:
                return (Signal.Absent, Words(answer));
            default: // FORMERR, NOTIMP, BADVERS: it did not understand the question
                return (null, Words(answer));
        }
    }

    /// <summary>`SERVFAIL, EDE 24 (text)`.</summary>
    public static string Words(in SoaAnswer answer)
    {
        var text = DnsWords.Of(answer.Rcode);
        if (answer.EdeCode is { } code)
            text += string.Create(CultureInfo.InvariantCulture, $", EDE {code}");
        return answer.EdeText is { } more ? $"{text} ({more})" : text;
    }
}
