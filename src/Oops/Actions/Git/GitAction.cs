using System.Globalization;
using Oops.Config;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Native;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Zones;

namespace Oops.Actions.Git;

/// <summary>Transfers a zone that changed, writes it into a file and commits it. Once per call: what to do about a failure is its runner's.</summary>
internal sealed class GitAction(GitConfig config, OopsConfig whole, Children children) : IAction, IDisposable
{
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    /// <summary>Zones of which something is committed and waits for a push: what is beyond is transferred again.</summary>
    const int MostCommitted = 100_000;

    // The newest of each zone: what it took the place of is not asked for again.
    readonly Lately<DnsName, ReactionId?> committed = new(MostCommitted);
    readonly Lock gate = new();
    CarriedVersions carried = new(TimeProvider.System);
    TimeProvider time = TimeProvider.System;
    GitRepository? repository;

    public string Name => config.Name;

    public int Parallel => config.Concurrency;

    public bool CarriesZones => true;

    // All zones that are under way may have their turn at git before this one.
    public TimeSpan ApplyTimeout => config.TransferTimeout + (config.Concurrency * GitRepository.CallsPerZone * (config.GitTimeout + GitRepository.Grace)) + Slack;

    public Task RunAsync(IEngine engine, CancellationToken stop)
    {
        if (engine.Time != time)
            (time, carried) = (engine.Time, new(engine.Time));
        return Task.CompletedTask;
    }

    /// <summary>The repository is looked at before each commit.</summary>
    public ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop) => ValueTask.FromResult<Input?>(null);

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not ReactionIntent { Zone: { } text } reaction || !DnsName.TryParse(text, out var zone))
            return new Failed($"{Name} commits zones; this is about none");
        var words = $"{zone}";
        if (committed.Get(zone) != reaction.Id)
        {
            var (outcome, said) = await CommitAsync(reaction, zone, stop).ConfigureAwait(false);
            if (outcome is not null)
                return outcome;
            words = said;
            committed.Set(zone, reaction.Id);
        }

        var pushed = await Repository.PushAsync(stop).ConfigureAwait(false);
        if (pushed is { Ok: false })
            return new Retry($"{words}; {pushed.Value.Words}");
        committed.Remove(zone);
        return new Done(pushed is { } done ? $"{words}; {done.Words}" : words);
    }

    public void Dispose() => repository?.Dispose();

    GitRepository Repository
    {
        get
        {
            lock (gate)
                return repository ??= new(new(config.Folder, GitAuthor.Of(config.Author)!) { Push = config.Push, Hooks = config.Hooks, Environment = config.Environment, Timeout = config.GitTimeout }, children, time);
        }
    }

    /// <summary>Null and what was done; or what becomes of the intent.</summary>
    async Task<(Outcome? Otherwise, string Words)> CommitAsync(ReactionIntent reaction, DnsName zone, CancellationToken stop)
    {
        if (config.PrimariesOf(reaction.Server, zone, whole, out var nowhere) is not { } from)
            return (new Failed(nowhere), "");
        if (GitFile.Of(zone) is not { } file)
            return (new Failed($"{zone}: the name is too long for a file"), "");
        if (!NotifyKeys.TryRead(config.Keys, [], from.Select(static p => p.Key), out var keys, out var wrong))
            return (new Retry(wrong), "");
        var (taken, ended) = await SyncRun.TakeAsync(new Primaries(from, keys, time), config.Limits, new SyncWish(zone, reaction.Serial), carried, stop).ConfigureAwait(false);
        if (taken is null)
            return (ended!.End switch { SyncEnd.Later => new Retry($"{zone}: {ended.Why}"), SyncEnd.Same => new Done($"{zone} {ended.Why}"), _ => new Failed($"{zone}: {ended.Why}") }, "");
        var done = await Repository.CommitAsync(file.Name, file.Owner, s => ZoneLines.Write(taken.Version, s, config.Signatures, stop), file.Message(taken.Serial), stop).ConfigureAwait(false);
        if (done.Ok)
            carried.Note(zone, taken.Serial, taken.By);
        var words = string.Create(CultureInfo.InvariantCulture, $"{zone} serial {taken.Serial}: {done.Words}");
        return (done.Ok ? null : done.ForGood ? new Failed(words) : new Retry(words), words);
    }
}
