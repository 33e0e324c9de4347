using System.Collections.Frozen;
using Oops.Core;

namespace Oops.Engine;

/// <summary>Which channel speaks of which server, by one policy.</summary>
internal sealed class ChannelMap
{
    readonly FrozenDictionary<string, string> servers;
    readonly FrozenDictionary<string, string[]> channels;

    public ChannelMap(Policy policy)
    {
        servers = policy.Channels.ToFrozenDictionary(c => c.Name, c => c.Server, StringComparer.Ordinal);
        // A reference speaks of another machine: the incarnation here is nothing to it.
        channels = policy.Channels.Where(c => c.Standing != Standing.Reference).GroupBy(c => c.Server, StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.Select(c => c.Name).ToArray(), StringComparer.Ordinal);
    }

    public string? Server(string channel) => servers.GetValueOrDefault(channel);

    public IReadOnlyList<string> Siblings(string channel) =>
        servers.TryGetValue(channel, out var server) && channels.TryGetValue(server, out var all) ? all : [];
}
