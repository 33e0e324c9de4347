using System.Collections.Immutable;
using System.Net;
using Oops.Routers;

namespace Oops.Actions.Frr;

/// <summary>The way to bgpd: what is asked of it, and what it is told, over one connection to its VTY socket.</summary>
internal sealed class FrrLink : IPrefixLink
{
    /// <summary>How long after a change it may be unsettled; then it is told as it stands.</summary>
    static readonly TimeSpan Unsettled = TimeSpan.FromSeconds(2);

    static readonly TimeSpan Again = TimeSpan.FromMilliseconds(20);

    readonly FrrClient client;
    readonly TimeProvider time;
    readonly uint? prepend;
    FrrSummary? summary;
    string version = "";
    long? changed;

    public FrrLink(FrrConfig config, TimeProvider time)
    {
        this.time = time;
        client = new(config.Socket, config.Timeout, time);
        prepend = (uint?)config.Asn;
    }

    public async ValueTask<LinkRead> ReadAsync(IReadOnlyCollection<IPNetwork> prefixes, CancellationToken stop)
    {
        if (await MeetAsync(stop) is { } stranger) return LinkRead.Failed(stranger);
        var seen = ImmutableArray.CreateBuilder<PrefixRead>();
        foreach (var prefix in prefixes)
        {
            var (read, why) = await ReadAsync(prefix, summary!.IsUp(prefix), stop);
            if (why is not null) return LinkRead.Failed(why);
            if (read is not null) seen.Add(read);
        }

        return new(null, $"{FrrVersion.Say(version)}, {client.Process}", seen.ToImmutable());
    }

    public async ValueTask<string?> ChangeAsync(IReadOnlyList<PrefixChange> changes, CancellationToken stop)
    {
        var first = await client.BeginAsync(FrrDialogue.First, stop);
        if (first.Refusal(FrrDialogue.First) is { } silent) return silent;
        // Asked each time: `router bgp` makes an instance where there is none, as in a bgpd that was restarted and has not loaded its configuration.
        if (await SumUpAsync(stop) is { } unknown) return unknown;
        var asn = prepend ?? summary!.Asn;
        string? refused = null;
        List<PrefixChange> possible = [.. changes.Where(c => Impossible(c, asn) is not { } why || (refused ??= why) is null)];
        changed = time.GetTimestamp();
        foreach (var command in FrrDialogue.Commands(possible, summary!.Asn, asn))
        {
            var answer = await client.AskAsync(command.Text, stop);
            if (answer.Refusal(command.Text) is not { } no || (command.Weight == FrrWeight.Withdraw && answer.Reply is { Undone: true })) continue;
            refused ??= no;
            if (answer.Reply is not null && command.Weight != FrrWeight.Frame) continue;
            // The mode is not what the rest needs.
            client.Drop();
            break;
        }

        return refused is null || version.Length == 0 || FrrVersion.IsTried(version) ? refused : $"{refused} ({FrrVersion.Say(version)})";
    }

    public void Dispose() => client.Dispose();

    /// <summary>Who is there. Null, or why it cannot be used.</summary>
    async ValueTask<string?> MeetAsync(CancellationToken stop)
    {
        var answer = await client.BeginAsync(FrrVersion.Command, stop);
        if (answer.Refusal(FrrVersion.Command) is { } silent) return silent;
        version = FrrVersion.Parse(answer.Reply!.Text) ?? "";
        if (version.Length == 0) return $"frr: what answers at {client.Path} is not FRRouting: \"{answer.Reply}\"";
        return await SumUpAsync(stop);
    }

    async ValueTask<string?> SumUpAsync(CancellationToken stop)
    {
        summary = null;
        var answer = await client.AskAsync(FrrSummary.Command, stop);
        if (answer.Reply is { Undone: true }) return $"frr: bgpd at {client.Path} has no BGP instance: `router bgp` is not in its configuration, or that is being loaded yet";
        if (answer.Refusal(FrrSummary.Command) is { } no) return no;
        summary = FrrSummary.Parse(answer.Reply!.Text);
        return summary is null ? Unreadable(FrrSummary.Command) : null;
    }

    /// <summary>Waits while bgpd has something to do with it yet, if we have just changed something. An intent that comes meanwhile cancels this, and does not wait.</summary>
    async ValueTask<(PrefixRead? Read, string? Why)> ReadAsync(IPNetwork prefix, bool up, CancellationToken stop)
    {
        var command = FrrEntry.Command(prefix);
        while (true)
        {
            var answer = await client.AskAsync(command, stop);
            if (answer.Refusal(command) is { } no) return (null, no);
            if (FrrEntry.Parse(answer.Reply!.Text, prepend ?? summary!.Asn) is not { } entry) return (null, Unreadable(command));
            if (entry.IsSettled(up) || changed is not { } at || time.GetElapsedTime(at) > Unsettled) return (entry.Read(prefix, up), null);
            await Task.Delay(Again, time, stop);
        }
    }

    string Unreadable(string command) => $"frr: cannot read the answer of {(version.Length == 0 ? "bgpd" : FrrVersion.Say(version))} to `{command}`";

    static string? Impossible(PrefixChange change, uint? asn) => change.Look switch
    {
        { Med: 0 } => $"frr: {change.Prefix} cannot be degraded by MED 0, which bgpd gives every route that it originates",
        { Prepend: > 0 } when asn is null => $"frr: {change.Prefix} cannot be prepended: bgpd has no neighbour, and tells no local AS; write `asn:`",
        _ => null,
    };
}
