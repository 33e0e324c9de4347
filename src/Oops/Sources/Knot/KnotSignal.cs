using Oops.Wire.DBus;
using Oops.Wire.Dns;
using Oops.Wire.Text;

namespace Oops.Sources.Knot;

internal enum KnotSignalKind : byte
{
    Started,
    Stopped,
    ZoneUpdated,
    ZoneNotUpdated,
    KskSubmission,
    DnssecInvalid,
    KeysUpdated,
    ExternalVerify,
}

/// <summary>A signal of knotd, 3.1.6 to 3.5. Parsed by its signature, because two of them changed theirs.</summary>
/// <param name="Kind">Its member.</param>
/// <param name="Zone">Canonical: lower case, no last dot; empty for started and stopped.</param>
/// <param name="Number">Serial, or seconds until a signature expires; null where the version does not tell.</param>
/// <param name="KeyTag">Of a KSK that waits for its DS.</param>
/// <param name="KeyId">Of the same, as KASP names it; at most 64 characters.</param>
internal readonly record struct KnotSignal(KnotSignalKind Kind, string Zone = "", uint? Number = null, ushort KeyTag = 0, string KeyId = "")
{
    public const string BusName = "cz.nic.knotd";
    public const string Path = "/cz/nic/knotd";
    public const string Interface = "cz.nic.knotd.events";

    const int MaxKeyId = 64;

    /// <summary>False when it is no signal of knotd, or not as any version sends it.</summary>
    public static bool TryParse(DBusMessage message, out KnotSignal signal)
    {
        signal = default;
        if (message.Type != DBusMessageType.Signal || message.Interface != Interface || message.Path != Path) return false;
        KnotSignalKind? kind = (message.Member, message.Signature) switch
        {
            ("started", "") => KnotSignalKind.Started,
            ("stopped", "") => KnotSignalKind.Stopped,
            ("zone_updated", "su") => KnotSignalKind.ZoneUpdated,
            ("zone_not_updated", "s") => KnotSignalKind.ZoneNotUpdated,
            ("zone_ksk_submission", "sqs") => KnotSignalKind.KskSubmission,
            // "s" to 3.3, "su" with the seconds that are left from 3.4.
            ("zone_dnssec_invalid", "s" or "su") => KnotSignalKind.DnssecInvalid,
            ("keys_updated", "s") => KnotSignalKind.KeysUpdated,
            // "s" in 3.5.0, then "su" with the new serial.
            ("external_verify", "s" or "su") => KnotSignalKind.ExternalVerify,
            _ => null,
        };
        if (kind is null) return false;
        if (message.Signature.Length == 0)
        {
            signal = new(kind.Value);
            return true;
        }

        // The codec has checked the body against the signature.
        var body = message.Read();
        if (!body.TryString(out var text) || !DnsName.TryParse(text, out var name)) return false;
        uint? number = null;
        ushort tag = 0;
        var keyId = "";
        if (message.Signature == "su" && body.TryUInt32(out var value)) number = value;
        if (message.Signature == "sqs" && body.TryUInt16(out tag) && body.TryText(out var id)) keyId = Printable(id);
        signal = new(kind.Value, name.ToString(), number, tag, keyId);
        return true;
    }

    static string Printable(ReadOnlySpan<byte> id) => PrintableText.Of(id.Length > MaxKeyId ? id[..MaxKeyId] : id);
}
