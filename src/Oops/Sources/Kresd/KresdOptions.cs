using Oops.Servers;

namespace Oops.Sources.Kresd;

/// <summary>One Knot Resolver, with all that is needed to ask it.</summary>
/// <param name="Server">The server's name in the config.</param>
/// <param name="Controls">Paths of the control sockets, one for each instance; none: it is asked by HTTP.</param>
/// <param name="Interval">Between two looks.</param>
/// <param name="Timeout">For each wait on a peer.</param>
internal sealed record KresdOptions(string Server, IReadOnlyList<string> Controls, TimeSpan Interval, TimeSpan Timeout)
{
    /// <summary>Where its module http listens; used where there are no control sockets.</summary>
    public HttpApiOptions? Web { get; init; }

    /// <summary>Path of the certificates that the module's must be signed by; null: plain HTTP.</summary>
    public string? Authority { get; init; }

    public string Channel => $"kresd/{Server}/{(Controls.Count > 0 ? "control" : "web")}";

    public string RateChannel => $"kresd/{Server}/rate";
}
