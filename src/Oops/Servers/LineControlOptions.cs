using System.Net;

namespace Oops.Servers;

/// <summary>A control socket of the NSD family: one command per connection, and text until its end.</summary>
/// <param name="Word">The config word of the source: what its messages begin with.</param>
/// <param name="Magic">What a command begins with: `NSDCT1` or `UBCT1`.</param>
/// <param name="Path">Path of the Unix socket; of no meaning where there is an <paramref name="Address"/>.</param>
/// <param name="Timeout">For connecting, and for each silence of the server while it answers.</param>
internal sealed record LineControlOptions(string Word, string Magic, string Path, TimeSpan Timeout)
{
    /// <summary>Spoken to over TLS there; null: over the Unix socket.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>The certificates of the TLS session.</summary>
    public LineControlKeys? Keys { get; init; }

    /// <summary>What became of it all.</summary>
    public LineCounts Counts { get; init; } = new();

    /// <summary>As messages say it.</summary>
    public string Where => Address is { } address ? $"{address.Address}@{address.Port}" : Path;
}
