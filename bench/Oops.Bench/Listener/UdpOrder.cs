using System.Globalization;

namespace Oops.Bench.Listener;

/// <summary>How questions are asked over UDP.</summary>
internal sealed record UdpOrder
{
    /// <summary>Most that are unanswered.</summary>
    public required int Window { get; init; }

    /// <summary>So many per second; 0: as many as are answered.</summary>
    public int Rate { get; init; }

    /// <summary>From so many networks in turn, each an IPv4 /24 below 127; 0: from one address.</summary>
    public int Networks { get; init; }

    /// <summary>With a DNS cookie of the server's, asked for before.</summary>
    public bool Cookie { get; init; }

    public static UdpOrder Parse(string[] words) => new() { Window = Number(words[0]), Rate = Number(words[1]), Networks = Number(words[2]), Cookie = Number(words[3]) != 0 };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Window} {Rate} {Networks} {(Cookie ? 1 : 0)}");

    static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
