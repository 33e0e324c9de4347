using System.Buffers.Binary;
using System.Text;
using Oops.Wire.Text;

namespace Oops.Wire.Bgp;

/// <summary>NOTIFICATION: why a session ends (RFC 4271, 4.5).</summary>
public static class BgpNotification
{
    /// <summary>Cease: Administrative Shutdown (RFC 4486), with a text (RFC 9003).</summary>
    public const byte AdministrativeShutdown = 2;

    /// <summary>Cease: Connection Rejected.</summary>
    public const byte Rejected = 5;

    /// <summary>Cease: Connection Collision Resolution.</summary>
    public const byte Collision = 7;

    /// <summary>Octets of a shutdown text.</summary>
    const int MaxText = 255;

    public static byte[] Write(BgpFault fault)
    {
        var message = new byte[BgpHeader.Size + 2 + (fault.Data is null ? 0 : fault is { Code: BgpFault.Header, Subcode: 3 } ? 1 : 2)];
        BgpHeader.Write(message, message.Length, BgpMessageType.Notification);
        message[BgpHeader.Size] = fault.Code;
        message[BgpHeader.Size + 1] = fault.Subcode;
        if (fault.Data is not { } data) return message;
        // The type that was not known is one octet; all other data are two.
        if (message.Length == BgpHeader.Size + 3) message[^1] = (byte)(data >> 8);
        else BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(BgpHeader.Size + 2), data);
        return message;
    }

    /// <summary>We go, and say why.</summary>
    public static byte[] WriteShutdown(string text)
    {
        var octets = Encoding.UTF8.GetBytes(text);
        var length = Math.Min(octets.Length, MaxText);
        // No character is cut in two.
        while (length < octets.Length && length > 0 && (octets[length] & 0xC0) == 0x80) length--;
        var message = new byte[BgpHeader.Size + 3 + length];
        BgpHeader.Write(message, message.Length, BgpMessageType.Notification);
        message[BgpHeader.Size] = BgpFault.Cease;
        message[BgpHeader.Size + 1] = AdministrativeShutdown;
        message[BgpHeader.Size + 2] = (byte)length;
        octets.AsSpan(0, length).CopyTo(message.AsSpan(BgpHeader.Size + 3));
        return message;
    }

    /// <summary>The body of one in words: "Cease, administrative shutdown: maintenance".</summary>
    public static string Say(ReadOnlySpan<byte> body)
    {
        if (body.Length < 2) return "a NOTIFICATION that is cut off";
        var words = Words(new(body[0], body[1]));
        return Text(body) is { } text ? $"{words}: {text}" : words;
    }

    /// <summary>The text of a shutdown or reset (RFC 9003), what is not printable ASCII as a `?`; null: it has none.</summary>
    public static string? Text(ReadOnlySpan<byte> body) =>
        body is [BgpFault.Cease, AdministrativeShutdown or 4, var length, .. var text] && length > 0 ? PrintableText.Of(text[..Math.Min(length, text.Length)]) : null;

    /// <summary>"OPEN: bad peer AS".</summary>
    public static string Words(BgpFault fault) => (fault.Code, fault.Subcode) switch
    {
        (BgpFault.Header, 1) => "header: connection not synchronized",
        (BgpFault.Header, 2) => "header: bad message length",
        (BgpFault.Header, 3) => "header: bad message type",
        (BgpFault.OpenMessage, 0) => "OPEN: malformed",
        (BgpFault.OpenMessage, 1) => "OPEN: unsupported version number",
        (BgpFault.OpenMessage, 2) => "OPEN: bad peer AS",
        (BgpFault.OpenMessage, 3) => "OPEN: bad BGP identifier",
        (BgpFault.OpenMessage, 4) => "OPEN: unsupported optional parameter",
        (BgpFault.OpenMessage, 6) => "OPEN: unacceptable hold time",
        (BgpFault.OpenMessage, 7) => "OPEN: unsupported capability",
        (BgpFault.OpenMessage, 11) => "OPEN: role mismatch",
        (BgpFault.HoldTimer, _) => "hold timer expired",
        (BgpFault.StateMachine, 1) => "unexpected message in OpenSent",
        (BgpFault.StateMachine, 2) => "unexpected message in OpenConfirm",
        (BgpFault.StateMachine, 3) => "unexpected message in Established",
        (BgpFault.Cease, 1) => "Cease, maximum number of prefixes reached",
        (BgpFault.Cease, 2) => "Cease, administrative shutdown",
        (BgpFault.Cease, 3) => "Cease, peer de-configured",
        (BgpFault.Cease, 4) => "Cease, administrative reset",
        (BgpFault.Cease, 5) => "Cease, connection rejected",
        (BgpFault.Cease, 6) => "Cease, other configuration change",
        (BgpFault.Cease, 7) => "Cease, connection collision resolution",
        (BgpFault.Cease, 8) => "Cease, out of resources",
        (BgpFault.Cease, 9) => "Cease, hard reset",
        (BgpFault.Cease, 10) => "Cease, BFD down",
        (BgpFault.RefreshMessage, 1) => "ROUTE-REFRESH: invalid message length",
        (BgpFault.UpdateMessage, var sub) => $"UPDATE error {sub}",
        var (code, sub) => $"error {code}/{sub}",
    };
}
