namespace Oops.Wire.Bgp;

/// <summary>What is wrong with what a peer sent, as the NOTIFICATION that answers it (RFC 4271, 4.5 and 6). The default is: nothing.</summary>
/// <param name="Code">Error code; 0: no fault.</param>
/// <param name="Subcode">Error subcode.</param>
/// <param name="Data">Two octets of data, where the RFC asks for them.</param>
public readonly record struct BgpFault(byte Code, byte Subcode, ushort? Data = null)
{
    public const byte Header = 1;
    public const byte OpenMessage = 2;
    public const byte UpdateMessage = 3;
    public const byte HoldTimer = 4;
    public const byte StateMachine = 5;
    public const byte Cease = 6;
    public const byte RefreshMessage = 7;

    public static BgpFault NotSynchronized { get; } = new(Header, 1);

    public static BgpFault BadType(byte type) => new(Header, 3, (ushort)(type << 8));

    public static BgpFault BadLength(ushort length) => new(Header, 2, length);

    /// <summary>The largest version that we speak is 4.</summary>
    public static BgpFault BadVersion { get; } = new(OpenMessage, 1, 4);

    public static BgpFault BadPeerAs { get; } = new(OpenMessage, 2);

    public static BgpFault BadIdentifier { get; } = new(OpenMessage, 3);

    public static BgpFault BadOptionalParameter { get; } = new(OpenMessage, 4);

    public static BgpFault BadHoldTime { get; } = new(OpenMessage, 6);

    /// <summary>The OPEN itself cannot be read.</summary>
    public static BgpFault BadOpen { get; } = new(OpenMessage, 0);

    public static BgpFault HoldExpired { get; } = new(HoldTimer, 0);

    /// <summary>A message of this type has no place in this state (RFC 6608).</summary>
    /// <param name="subcode">1 in OpenSent, 2 in OpenConfirm, 3 in Established.</param>
    public static BgpFault Unexpected(byte subcode) => new(StateMachine, subcode);

    /// <summary>BoRR and EoRR, and what is longer than a ROUTE-REFRESH is (RFC 7313).</summary>
    public static BgpFault BadRefreshLength { get; } = new(RefreshMessage, 1);

    public bool IsNone => Code == 0;
}
