using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Oops.Wire.Dns;

namespace Oops.Wire.Nsd;

/// <summary>
/// Collects the lines of a `zonestatus` answer into zones: `zone:` begins one, and lines that begin with a tab go on with it. Nothing marks the end of an answer.
/// Fields that it does not know are passed over; what is no such line is refused.
/// </summary>
public sealed class NsdZoneStatusReader
{
    // There are nine. One with a list that never ends is no zone.
    const int MostFields = 64;

    string? zone;
    NsdZoneState state;
    Serial served;
    Serial committed;
    uint? wait;
    bool transferring;
    int fields;

    /// <summary>A serial, and whether anything was said of it.</summary>
    readonly record struct Serial(bool Told, uint? Number, DateTime? Since);

    /// <summary>Takes a line, without its end.</summary>
    /// <param name="line">The line.</param>
    /// <param name="complete">The zone that the line shows to be complete, if it does.</param>
    /// <returns>False: no `zonestatus` has such a line.</returns>
    public bool Feed(ReadOnlySpan<byte> line, out NsdZoneStatus? complete)
    {
        complete = null;
        if (line.IsEmpty) return true;
        var colon = line.IndexOf((byte)':');
        if (colon < 0) return false;
        if (line[0] is not ((byte)'\t' or (byte)' '))
        {
            var name = Blank(line[(colon + 1)..]);
            if (!line[..colon].SequenceEqual("zone"u8) || name.IsEmpty || name.Length > DnsName.MaxText) return false;
            complete = End();
            zone = Name(name);
            return true;
        }

        if (zone is null || ++fields > MostFields) return false;
        TakeField(Blank(line[..colon]), Blank(line[(colon + 1)..]));
        return true;
    }

    /// <summary>The answer has ended: the last zone, if there is one.</summary>
    public NsdZoneStatus? End()
    {
        if (zone is null) return null;
        var ended = new NsdZoneStatus(zone)
        {
            State = state,
            Served = served.Number,
            Since = served.Since,
            Committed = committed.Number,
            Wait = wait,
            Transferring = transferring,
            Cut = state is NsdZoneState.Unsaid or NsdZoneState.Other || (state is NsdZoneState.Ok or NsdZoneState.Refreshing or NsdZoneState.Expired && !(served.Told && committed.Told)),
        };
        (zone, state, served, committed, wait, transferring, fields) = (null, NsdZoneState.Unsaid, default, default, null, false, 0);
        return ended;
    }

    void TakeField(ReadOnlySpan<byte> field, ReadOnlySpan<byte> value)
    {
        if (field.SequenceEqual("state"u8)) state = StateOf(value);
        else if (field.SequenceEqual("served-serial"u8)) served = SerialOf(value);
        else if (field.SequenceEqual("commit-serial"u8)) committed = SerialOf(value);
        else if (field.SequenceEqual("wait"u8)) wait = Utf8Parser.TryParse(Bare(value), out uint seconds, out _) ? seconds : null;
        else if (field.SequenceEqual("transfer"u8)) transferring = true;
    }

    static NsdZoneState StateOf(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("ok"u8) || word.SequenceEqual("old-serial"u8) || word.SequenceEqual("future-serial"u8) ? NsdZoneState.Ok
        : word.SequenceEqual("primary"u8) || word.SequenceEqual("master"u8) ? NsdZoneState.Primary
        : word.SequenceEqual("refreshing"u8) ? NsdZoneState.Refreshing
        : word.SequenceEqual("expired"u8) ? NsdZoneState.Expired
        : word.IsEmpty ? NsdZoneState.Unsaid : NsdZoneState.Other;

    // "7 since 2025-01-15T11:27:46", or none.
    static Serial SerialOf(ReadOnlySpan<byte> value)
    {
        value = Bare(value);
        if (value.SequenceEqual("none"u8)) return new(true, null, null);
        if (!Utf8Parser.TryParse(value, out uint number, out var used)) return default;
        var rest = value[used..];
        var since = " since "u8;
        Span<char> text = stackalloc char[19];
        if (!rest.StartsWith(since) || rest.Length != since.Length + text.Length || Ascii.ToUtf16(rest[since.Length..], text, out _) != System.Buffers.OperationStatus.Done
            || !DateTime.TryParseExact(text, "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var at))
        {
            return rest.IsEmpty || rest.StartsWith(since) ? new(true, number, null) : default;
        }

        return new(true, number, at);
    }

    static ReadOnlySpan<byte> Blank(ReadOnlySpan<byte> text) => text.Trim(" \t\r"u8);

    static ReadOnlySpan<byte> Bare(ReadOnlySpan<byte> text) => text.Trim((byte)'"');

    static string Name(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.ContainsAnyExceptInRange((byte)0x21, (byte)0x7e)) return Encoding.ASCII.GetString(bytes);
        var text = new StringBuilder(bytes.Length + 32);
        foreach (var b in bytes)
        {
            if (b is >= 0x21 and <= 0x7e) text.Append((char)b);
            else text.Append('\\').Append(b.ToString("D3", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}
