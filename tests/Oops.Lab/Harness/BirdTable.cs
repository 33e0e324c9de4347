using Oops.Actions.Bird;

namespace Oops.Lab.Harness;

/// <summary>One BGP route as the upstream has it.</summary>
internal sealed record UpstreamRoute(string Prefix, IReadOnlyList<uint> Path, IReadOnlyList<string> Communities, uint? Med)
{
    /// <summary>As BIRD prints them: "(64501, 1, 2)".</summary>
    public string LargeCommunities { get; init; } = "";

    public bool GracefulShutdown => Communities.Contains("(65535,0)");
}

/// <summary>A router's table, read through its control socket.</summary>
internal static class BirdTable
{
    public static async Task<IReadOnlyList<UpstreamRoute>> ReadAsync(BirdClient client, CancellationToken stop = default)
    {
        BirdAnswer answer = await client.AskAsync("show route all", stop);
        if (answer.Refusal is { } why)
            throw new InvalidOperationException(why);
        var routes = new List<UpstreamRoute>();
        foreach (BirdLine line in answer.Reply!.Lines)
        {
            string text = line.Text.Trim();
            if (line.Code == 1007 && text.Contains('[', StringComparison.Ordinal))
                routes.Add(new UpstreamRoute(text.Split(' ')[0], [], [], null));
            else if (routes.Count > 0 && Value(text, "BGP.as_path:", "bgp_path:") is { } path)
                routes[^1] = routes[^1] with { Path = [.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(uint.Parse)] };
            else if (routes.Count > 0 && Value(text, "BGP.community:", "bgp_community:") is { } communities)
                routes[^1] = routes[^1] with { Communities = communities.Split(' ', StringSplitOptions.RemoveEmptyEntries) };
            else if (routes.Count > 0 && Value(text, "BGP.large_community:", "bgp_large_community:") is { } large)
                routes[^1] = routes[^1] with { LargeCommunities = large };
            else if (routes.Count > 0 && Value(text, "BGP.med:", "bgp_med:") is { } med)
                routes[^1] = routes[^1] with { Med = uint.Parse(med) };
        }
        return routes;
    }

    /// <summary>BIRD 3 has names of its own for the attributes.</summary>
    static string? Value(string text, string bird2, string bird3)
    {
        string key = text.StartsWith(bird2, StringComparison.Ordinal) ? bird2 : bird3;
        return text.StartsWith(key, StringComparison.Ordinal) ? text[key.Length..].Trim() : null;
    }
}
