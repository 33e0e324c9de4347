using System.Collections.Immutable;
using System.Net;
using Oops.Config;

namespace Oops.Doctor;

/// <summary>What a path is to a user.</summary>
internal enum Access
{
    /// <summary>A folder above it may not be entered, so it is not known.</summary>
    Unseen,
    Missing,
    Denied,
    Allowed,
}

/// <summary>A control socket as it was found.</summary>
/// <param name="Group">The group that may use it.</param>
/// <param name="Everybody">Whoever is on this machine may use it.</param>
internal sealed record SocketLook(string Path, Access Ours, Access Oops, string? Group, bool Everybody);

/// <summary>What is the same for all servers of the machine.</summary>
internal sealed record Surroundings
{
    /// <summary>Who looks.</summary>
    public required string User { get; init; }

    public required bool IsRoot { get; init; }

    /// <summary>There is a user `oops`.</summary>
    public required bool HasOopsUser { get; init; }

    /// <summary>The system bus has a socket.</summary>
    public required bool HasBus { get; init; }

    /// <summary>systemd is the machine's init.</summary>
    public required bool HasSystemd { get; init; }

    /// <summary>Addresses on lo and on dummy interfaces that are not the machine's own loopback: as anycast is set up.</summary>
    public required ImmutableArray<IPAddress> Anycast { get; init; }

    /// <summary>Our config, as `oops check` judges it; null: there is none, or it may not be read.</summary>
    public Checked? Own { get; init; }

    public required string OwnPath { get; init; }

    /// <summary>Include files of ours that no action of our config owns, or that define the same, in words.</summary>
    public ImmutableArray<string> Strays { get; init; } = [];

    /// <summary>How a control socket looks.</summary>
    public required Func<string, SocketLook> Socket { get; init; }

    /// <summary>Whether a path is there; null: not seen.</summary>
    public required Func<string, bool?> Exists { get; init; }

    /// <summary>Whether everybody on this machine may read a file; null: not seen.</summary>
    public required Func<string, bool?> Readable { get; init; }

    public ImmutableArray<string> Unseen { get; init; } = [];
}
