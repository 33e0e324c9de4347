using System.Collections.Immutable;
using System.Net;
using Oops.Routers;

namespace Oops.Actions.Exabgp;

/// <summary>The way to an ExaBGP: what it has of our prefixes in its neighbors' tables of what goes out, and the commands that change that. `done` says that a command was understood; what is in the tables is read.</summary>
internal sealed class ExabgpLink : IPrefixLink
{
    /// <summary>Steps that are said at once. ExaBGP goes 50 in a turn of its loop; when more are left and nothing new has come meanwhile, it sleeps 10 ms before each further turn: ten thousand prefixes at once are two seconds of sleep.</summary>
    const int Turn = 50;

    /// <summary>When answers get lost, which takes a whole timeout each time: the rest is said together, as much as has room for its answers in the pipe.</summary>
    const int Many = 2000;

    readonly ExabgpConfig config;
    readonly ExabgpTalk talk;
    readonly ExabgpCommands commands;
    readonly ExabgpProcess process;
    readonly HashSet<IPAddress> chosen;
    List<ExabgpNeighbor>? neighbors;

    /// <summary>As it was read last, and changed since. Null: nothing is known.</summary>
    Dictionary<IPNetwork, Look?>? expected;

    public ExabgpLink(ExabgpConfig config, TimeProvider time)
    {
        this.config = config;
        talk = new(config.Socket is { } socket ? new ExabgpSocket(socket) : new ExabgpPipes(config.Pipes), config.Timeout, time);
        commands = new(config);
        process = new(config.Socket ?? config.Pipes + ".in", config.Socket is not null);
        chosen = [.. config.Neighbors.Select(IPAddress.Parse)];
    }

    /// <summary>Answers that somebody else fetched are missing, which looks like a withdraw: what differs from what was known is read until two readings agree.</summary>
    public async ValueTask<LinkRead> ReadAsync(IReadOnlyCollection<IPNetwork> prefixes, CancellationToken stop)
    {
        const int Readings = 4;
        // /proc is not read on the caller's thread.
        await Task.Yield();
        var incarnation = process.Read();
        LinkRead? last = null;
        for (var i = 0; i < Readings; i++)
        {
            var (read, again) = await ReadOnceAsync(prefixes, incarnation, stop);
            if (!again && (read.Why is not null || IsAsExpected(read) || (last is { Why: null } && read.Prefixes.SequenceEqual(last.Prefixes))))
            {
                expected = read.Why is null ? read.Prefixes.ToDictionary(p => p.Prefix, p => p.Look) : null;
                return read.Why is null && process.IsUnseen ? read with { Incarnation = process.Read() } : read;
            }

            last = read;
        }

        expected = null;
        return LinkRead.Failed(last?.Why ?? $"exabgp: no two readings at {talk.Answers} were alike: somebody else reads the answers, too");
    }

    public async ValueTask<string?> ChangeAsync(IReadOnlyList<PrefixChange> changes, CancellationToken stop)
    {
        List<PrefixChange> said = [.. changes.Where(c => c.Look is null)];
        if (neighbors is null && said.Count < changes.Count)
        {
            // A withdraw waits for nothing.
            if (said.Count > 0 && await TellAsync(said, 0, stop) is { } silent) return silent;
            said.Clear();
            var read = await ReadAsync([.. changes.Select(c => c.Prefix)], stop);
            if (read.Why is { } why) return why;
        }

        string? refused = null;
        var (asn, unknown) = changes.Any(c => c.Look is { Prepend: > 0 }) ? LocalAs() : (0, null);
        foreach (var change in changes)
        {
            if (change.Look is not { } look) continue;
            var why = (look.Prepend > 0 ? unknown : null) ?? commands.Refuses(change.Prefix, Chosen());
            refused ??= why;
            if (why is null) said.Add(change);
        }

        return (said.Count == 0 ? null : await TellAsync(said, asn, stop)) ?? refused;
    }

    public void Dispose() => talk.Dispose();

    /// <summary>Null: it is so. Where the answers were not all there, reading decides.</summary>
    async ValueTask<string?> TellAsync(List<PrefixChange> said, uint asn, CancellationToken stop)
    {
        var told = await SayAsync(commands.Of(said, asn), stop);
        // One that it refuses takes those with it that stand in the same command.
        List<PrefixChange> again = [.. told.Refused.Where(c => c.Changes.Count > 1).SelectMany(c => c.Changes)];
        var error = told.Refused.FirstOrDefault(c => c.Changes.Count == 1).Text;
        if (told.Unsent is null && again.Count > 0)
        {
            var singly = await SayAsync(commands.OfEach(again, asn), stop);
            error ??= singly.Refused.Select(c => c.Text).FirstOrDefault();
            told = new(singly.Unsent, told.Lost ?? singly.Lost, []);
        }

        var refused = error is null ? null : $"exabgp: answered error to `{error}`; {talk.Refused}";
        if (told.Unsent is not null) return told.Unsent;
        if (told.Lost is null && refused is null) Expect(said);
        else expected = null;
        if (told.Lost is null) return refused;
        var read = await ReadAsync([.. said.Select(s => s.Prefix)], stop);
        var there = read.Prefixes.ToDictionary(p => p.Prefix, p => p.Look);
        return refused ?? (read.Why is null && said.TrueForAll(s => there.GetValueOrDefault(s.Prefix) == s.Look) ? null : told.Lost);
    }

    /// <summary>Says them, some at a time, until they cannot be sent.</summary>
    async ValueTask<Said> SayAsync(IEnumerable<ExabgpCommand> all, CancellationToken stop)
    {
        List<ExabgpCommand> some = [], refused = [];
        string? lost = null;
        var steps = 0;
        foreach (var command in all.Append(default))
        {
            if (some.Count > 0 && (command.Text is null || steps + command.Steps > (lost is null ? Turn : Many)))
            {
                var told = await talk.TellAsync([.. some.Select(c => c.Text)], stop);
                if (!told.Sent) return new(told.Why, lost, refused);
                lost ??= told.Why;
                refused.AddRange(told.Answers.Zip(some).Where(a => a.First == ExabgpWord.Error).Select(a => a.Second));
                (some, steps) = ([], 0);
            }

            if (command.Text is null) break;
            some.Add(command);
            steps += command.Steps;
        }

        return new(null, lost, refused);
    }

    /// <param name="Unsent">Why some were not sent; null: all were.</param>
    /// <param name="Lost">Why some answers are missing; null: none is.</param>
    /// <param name="Refused">Those that were answered by an error.</param>
    readonly record struct Said(string? Unsent, string? Lost, IReadOnlyList<ExabgpCommand> Refused);

    void Expect(List<PrefixChange> said)
    {
        if (expected is null) return;
        foreach (var change in said)
            if (change.Look is null) expected.Remove(change.Prefix);
            else expected[change.Prefix] = change.Look;
    }

    async ValueTask<(LinkRead Read, bool Again)> ReadOnceAsync(IReadOnlyCollection<IPNetwork> prefixes, string incarnation, CancellationToken stop)
    {
        var version = "";
        List<ExabgpNeighbor> read = [];
        List<ExabgpRoute> routes = [];
        var wanted = prefixes.ToHashSet();
        var (why, again) = await talk.ReadAsync(["show neighbor extensive", "show adj-rib out extensive"], (question, line) =>
        {
            if (question < 0) version = line;
            else if (question == 0) ExabgpNeighbor.Take(read, line);
            else if (ExabgpRoute.Parse(line, wanted) is { } route) routes.Add(route);
        }, stop);
        if (version.Length > 0 && !version.StartsWith("exabgp 4.2.", StringComparison.Ordinal)) return (LinkRead.Failed($"exabgp: this is `{version}`, and only 4.2 was tried: nothing is read from it or announced through it"), false);
        if (why is not null) return (LinkRead.Failed(why), again);
        neighbors = read;
        if (Chosen().Count == 0) return (LinkRead.Failed(config.Neighbors.Count == 0 ? "exabgp: it has no neighbors" : $"exabgp: it has none of the neighbors {string.Join(", ", config.Neighbors)}"), false);
        var found = routes.ToLookup(r => r.Prefix);
        return (new(null, incarnation, [.. prefixes.Select(p => Join(p, found[p])).OfType<PrefixRead>()]), false);
    }

    /// <summary>What the neighbors have of one prefix. Those that do not carry its family do not count.</summary>
    PrefixRead? Join(IPNetwork prefix, IEnumerable<ExabgpRoute> routes)
    {
        var family = prefix.BaseAddress.AddressFamily;
        List<ExabgpNeighbor> carry = [.. Chosen().Where(n => n.Has(family))];
        List<ExabgpRoute> have = [.. routes.Where(r => carry.Exists(n => n.Address.Equals(r.Neighbor)))];
        if (have.Count == 0) return null;
        List<string> words = [.. carry.Where(n => have.Exists(r => r.Neighbor.Equals(n.Address)) && n.Gets(family)).Select(n => n.Address.ToString())];
        var detail = words.Count == 0 ? "in its table, but no session of this family is up" : $"announced to {string.Join(", ", words)}";
        List<ExabgpNeighbor> without = [.. carry.Where(n => !have.Exists(r => r.Neighbor.Equals(n.Address)))];
        if (without.Count > 0) detail += $", not in the table of {string.Join(", ", without.Select(n => n.Address))}";
        List<string> unknown = [.. config.Neighbors.Where(n => !neighbors!.Exists(k => k.Address.ToString() == n))];
        if (unknown.Count > 0) detail += $"; there is no neighbor {string.Join(", ", unknown)}";
        var hop = commands.NextHop(family);
        var look = without.Count == 0 && have.TrueForAll(r => r.NextHop == hop && r.Look == have[0].Look) ? have[0].Look : null;
        return new(prefix, look, detail);
    }

    List<ExabgpNeighbor> Chosen() => chosen.Count == 0 ? neighbors ?? [] : neighbors?.FindAll(n => chosen.Contains(n.Address)) ?? [];

    (uint Asn, string? Why) LocalAs()
    {
        if (config.Asn is { } asn) return ((uint)asn, null);
        List<uint> own = [.. Chosen().Select(n => n.LocalAs).Distinct()];
        return own is [var one] ? (one, null) : (0, $"exabgp: its neighbors have several local AS numbers ({string.Join(", ", own)}); write `asn:`, or one action for the `neighbors:` of each");
    }

    bool IsAsExpected(LinkRead read) => expected is not null && read.Prefixes.Length == expected.Count && read.Prefixes.All(p => expected.TryGetValue(p.Prefix, out var look) && look == p.Look);
}
