namespace Oops.Wire.Nsd;

/// <summary>What NSD says of a zone's state.</summary>
public enum NsdZoneState : byte
{
    /// <summary>Not told.</summary>
    Unsaid,

    /// <summary>`primary` (from 4.9), `master` (before): from a file, and nothing else is said of it.</summary>
    Primary,

    /// <summary>`ok`; from 4.12 also `old-serial` and `future-serial`: what was transferred is not what is served yet.</summary>
    Ok,

    /// <summary>`refreshing`: the refresh is due, and has not succeeded yet.</summary>
    Refreshing,

    /// <summary>`expired`: no longer served, though `served-serial` is still shown.</summary>
    Expired,

    /// <summary>A word that no version up to 4.14 has.</summary>
    Other,
}
