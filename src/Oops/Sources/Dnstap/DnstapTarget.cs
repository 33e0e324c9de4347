using System.Net;

namespace Oops.Sources.Dnstap;

/// <summary>What one source is to do.</summary>
internal sealed record DnstapTarget
{
    public required string Server { get; init; }

    /// <summary>The Unix socket; or <see cref="Address"/>.</summary>
    public string? Path { get; init; }

    public IPEndPoint? Address { get; init; }

    /// <summary>Who may connect to the Unix socket, besides oops itself and root.</summary>
    public UnixFileMode Mode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Its group; null: oops's own.</summary>
    public string? Group { get; init; }

    /// <summary>Null: no TLS.</summary>
    public DnstapKeys? Keys { get; init; }

    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan SlopeWindow { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>More connections than these at once are closed.</summary>
    public int Connections { get; init; } = 64;

    /// <summary>How long the handshake may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two attempts to listen.</summary>
    public TimeSpan Again { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A connection whose socket was not once found empty for this long is behind: most of its frames are shed until it is.</summary>
    public TimeSpan Behind { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Where it listens, as in the config.</summary>
    public string Where => Path ?? $"{Address!.Address}@{Address.Port}";
}

/// <summary>Files of TLS, in PEM.</summary>
/// <param name="Certificate">Ours, and those between it and its authority.</param>
/// <param name="Key">Its private key.</param>
/// <param name="Authority">Who signs the clients' certificates; null: a client needs none.</param>
internal sealed record DnstapKeys(string Certificate, string Key, string? Authority);
