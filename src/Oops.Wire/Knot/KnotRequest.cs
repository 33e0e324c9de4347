using System.Buffers.Binary;
using System.Text;

namespace Oops.Wire.Knot;

/// <summary>A request on the control socket: one command, for the whole server or for some zones.</summary>
public sealed record KnotRequest(string Command)
{
    /// <summary>The field that is asked for, as in `status version`.</summary>
    public string? Type { get; init; }

    /// <summary>The name that is asked for, as in `zone-get`: relative to the zone without a last dot, "@" its own.</summary>
    public string? Owner { get; init; }

    /// <summary>Letters: F force, B blocking; from 3.3.3 u, event times as Unix time.</summary>
    public string? Flags { get; init; }

    /// <summary>Letters that limit an answer; for `zone-status` r role, s serial, t transaction, f freeze, c catalog, e events. None is all.</summary>
    public string? Filters { get; init; }

    /// <summary>Zone names, ASCII, in any case, with or without the last dot. None is all zones.</summary>
    public IReadOnlyList<string> Zones { get; init; } = [];

    /// <summary>Ends a session: a server that reads it closes at once.</summary>
    public static ReadOnlySpan<byte> End => [(byte)KnotUnitType.End];

    public byte[] Encode()
    {
        var bytes = new MemoryStream();
        // For several zones the whole command is repeated: the server reads on only while units are DATA with a ZONE.
        if (Zones.Count == 0) Unit(null);
        foreach (var zone in Zones) Unit(zone);
        bytes.WriteByte((byte)KnotUnitType.Block);
        return bytes.ToArray();

        void Unit(string? zone)
        {
            bytes.WriteByte((byte)KnotUnitType.Data);
            Item(KnotItem.Command, Command);
            Item(KnotItem.Flags, Flags);
            Item(KnotItem.Zone, zone);
            Item(KnotItem.Owner, Owner);
            Item(KnotItem.Type, Type);
            Item(KnotItem.Filters, Filters);
        }

        void Item(KnotItem code, string? value)
        {
            if (value is null) return;
            var text = Encoding.ASCII.GetBytes(value);
            Span<byte> head = [(byte)code, 0, 0];
            BinaryPrimitives.WriteUInt16BigEndian(head[1..], checked((ushort)text.Length));
            bytes.Write(head);
            bytes.Write(text);
        }
    }
}
