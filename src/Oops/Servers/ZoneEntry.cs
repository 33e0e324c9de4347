using Oops.Core;

namespace Oops.Servers;

/// <summary>What is true of a zone in the book, one bit each.</summary>
[Flags]
internal enum ZoneMarks : uint
{
    None = 0,
    InBook = 1 << 0,

    /// <summary>In the read that is under way, or in the last one.</summary>
    InRead = 1 << 1,

    /// <summary>The server said in it that it does not have the zone.</summary>
    Denied = 1 << 2,

    /// <summary>Expected, when that read was over.</summary>
    Wanted = 1 << 3,

    /// <summary>In the list that was handed on last.</summary>
    Listed = 1 << 4,

    SaidSerial = 1 << 5,
    SaidAbsent = 1 << 6,
    SaidTime = 1 << 7,
    SaidNever = 1 << 8,
    SaidExpired = 1 << 9,
    SaidFailures = 1 << 10,

    /// <summary>All that was said of a zone.</summary>
    Said = SaidSerial | SaidAbsent | SaidTime | SaidNever | SaidExpired | SaidFailures,

    /// <summary>It is known whether it is a secondary's zone; the next one says so.</summary>
    Role = 1 << 11,
    Secondary = 1 << 12,
    Known = 1 << 13,
    Loaded = 1 << 14,
    Unserialed = 1 << 15,
    Confirm = 1 << 16,
    Contradicted = 1 << 17,
    EverLoaded = 1 << 18,

    /// <summary>Its last good refresh is told: see <see cref="ZoneDates"/>.</summary>
    Dated = 1 << 19,

    /// <summary>Its edition is told.</summary>
    Edited = 1 << 20,
}

/// <summary>What the book has of one zone. <see cref="ZoneEntries"/> keeps it in less room than it takes here.</summary>
internal struct ZoneEntry
{
    public ZoneMarks Marks;

    /// <summary>The serial that was said last.</summary>
    public uint Serial;

    /// <summary>The time of the expiry that was said last.</summary>
    public At Until;
    public At Expires;
    public At Refresh;

    /// <summary>When an attempt was first seen to have begun, of which it is not known yet how it ended; Zero: none.</summary>
    public At Attempt;
    public int Failures;
    public int FailuresSaid;

    /// <summary>What its control told last, of a zone that is to be confirmed.</summary>
    public uint Told;

    /// <summary>SOA expire in seconds, as answered over DNS; 0: not known.</summary>
    public uint Lifetime;

    /// <summary>When it was refreshed; Zero: not told.</summary>
    public At Refreshed;

    /// <summary>Serial, or <see cref="Signal.Absent"/>; null: not said yet.</summary>
    public long? Said
    {
        readonly get => Has(ZoneMarks.SaidAbsent) ? Signal.Absent : Has(ZoneMarks.SaidSerial) ? Serial : null;
        set
        {
            Mark(ZoneMarks.SaidAbsent, value == Signal.Absent);
            Mark(ZoneMarks.SaidSerial, value is not (null or Signal.Absent));
            if (value is { } serial and not Signal.Absent) Serial = (uint)serial;
        }
    }

    /// <summary>Never, Zero for expired; null: not said yet.</summary>
    public At? SaidExpiry
    {
        readonly get => Has(ZoneMarks.SaidNever) ? At.Never : Has(ZoneMarks.SaidExpired) ? At.Zero : Has(ZoneMarks.SaidTime) ? Until : null;
        set
        {
            Mark(ZoneMarks.SaidNever, value == At.Never);
            Mark(ZoneMarks.SaidExpired, value == At.Zero);
            Mark(ZoneMarks.SaidTime, value is { } time && time != At.Never && time != At.Zero);
            Until = Has(ZoneMarks.SaidTime) ? value!.Value : default;
        }
    }

    /// <summary>Null: not said yet.</summary>
    public int? SaidFailures
    {
        readonly get => Has(ZoneMarks.SaidFailures) ? FailuresSaid : null;
        set
        {
            Mark(ZoneMarks.SaidFailures, value is not null);
            FailuresSaid = value ?? 0;
        }
    }

    /// <summary>Null: not told yet.</summary>
    public bool? Secondary
    {
        readonly get => Has(ZoneMarks.Role) ? Has(ZoneMarks.Secondary) : null;
        set
        {
            Mark(ZoneMarks.Role, value is not null);
            Mark(ZoneMarks.Secondary, value == true);
        }
    }

    public bool Known
    {
        readonly get => Has(ZoneMarks.Known);
        set => Mark(ZoneMarks.Known, value);
    }

    public bool Loaded
    {
        readonly get => Has(ZoneMarks.Loaded);
        set => Mark(ZoneMarks.Loaded, value);
    }

    /// <summary>Loaded, and the server does not tell its serial.</summary>
    public bool Unserialed
    {
        readonly get => Has(ZoneMarks.Unserialed);
        set => Mark(ZoneMarks.Unserialed, value);
    }

    /// <summary>To be confirmed over DNS.</summary>
    public bool Confirm
    {
        readonly get => Has(ZoneMarks.Confirm);
        set => Mark(ZoneMarks.Confirm, value);
    }

    /// <summary>It says that it is loaded, and does not answer so.</summary>
    public bool Contradicted
    {
        readonly get => Has(ZoneMarks.Contradicted);
        set => Mark(ZoneMarks.Contradicted, value);
    }

    public bool EverLoaded
    {
        readonly get => Has(ZoneMarks.EverLoaded);
        set => Mark(ZoneMarks.EverLoaded, value);
    }

    /// <summary>Any of them.</summary>
    public readonly bool Has(ZoneMarks marks) => (Marks & marks) != 0;

    public void Mark(ZoneMarks marks, bool on) => Marks = on ? Marks | marks : Marks & ~marks;
}
