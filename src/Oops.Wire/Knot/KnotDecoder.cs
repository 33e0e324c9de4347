namespace Oops.Wire.Knot;

public enum KnotFault : byte
{
    None,

    /// <summary>A byte where a unit begins that is no unit type.</summary>
    UnitType,

    /// <summary>An item code twice in a unit, or an item in a unit that has none.</summary>
    Item,

    /// <summary>A unit longer than the decoder's limit.</summary>
    TooLong,
}

/// <summary>
/// Cuts what a knotd sends, in chunks of any size, into units. Append a chunk, then read until there is no more, then append the next.
/// It holds at most one incomplete unit besides the chunk. After a fault the connection is of no use: nothing marks where the next unit begins.
/// </summary>
public sealed class KnotDecoder(int maxUnit = KnotDecoder.DefaultMaxUnit)
{
    /// <summary>knotd's own buffer: it sends no longer unit.</summary>
    public const int DefaultMaxUnit = 256 * 1024;

    byte[] buffer = new byte[4096];
    int start;
    int end;

    public KnotFault Fault { get; private set; }

    /// <summary>Bytes that wait for the rest of their unit.</summary>
    public int Pending => end - start;

    public void Append(ReadOnlySpan<byte> chunk)
    {
        if (Fault != KnotFault.None) return;
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            end -= start;
            start = 0;
        }

        if (end + chunk.Length > buffer.Length)
            Array.Resize(ref buffer, Math.Max(end + chunk.Length, Math.Min(buffer.Length * 2, maxUnit)));
        chunk.CopyTo(buffer.AsSpan(end));
        end += chunk.Length;
    }

    /// <summary>The next unit. False: append more, or, when <see cref="Fault"/> is set, give up.</summary>
    public bool TryRead(out KnotUnit unit)
    {
        unit = default;
        if (Fault != KnotFault.None || start == end) return false;
        var bytes = buffer.AsSpan(start, end - start);
        if (bytes[0] > (byte)KnotUnitType.Block) return Fail(KnotFault.UnitType);
        var type = (KnotUnitType)bytes[0];
        // These end with their type byte; the others end where the next type byte is seen.
        var length = type is KnotUnitType.End or KnotUnitType.Block ? 1 : MeasureItems(bytes);
        if (Fault != KnotFault.None) return false;
        if ((length == 0 ? bytes.Length : length) > maxUnit) return Fail(KnotFault.TooLong);
        if (length == 0) return false;
        unit = new KnotUnit(type, bytes[1..length]);
        start += length;
        return true;
    }

    // The length of a DATA or EXTRA unit with its items; 0 while its end is not there. At most 12 hops, as no code comes twice.
    int MeasureItems(ReadOnlySpan<byte> bytes)
    {
        var seen = 0;
        var at = 1;
        while (at < bytes.Length)
        {
            var code = bytes[at];
            if (code <= (byte)KnotUnitType.Block) return at;
            var bit = code - (byte)KnotItem.Command;
            if (bit is < 0 or >= KnotUnit.Codes || (seen & 1 << bit) != 0)
            {
                Fault = KnotFault.Item;
                return 0;
            }

            seen |= 1 << bit;
            if (bytes.Length - at < 3) return 0;
            at += 3 + (bytes[at + 1] << 8 | bytes[at + 2]);
        }

        return 0;
    }

    bool Fail(KnotFault fault)
    {
        Fault = fault;
        return false;
    }
}
