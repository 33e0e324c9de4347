using System.Globalization;
using System.Net;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Native;
using Oops.Wire.Dns;

namespace Oops.Actions.NotifySend;

/// <summary>Tells others that a zone has changed (RFC 1996). Once per call: what to do about a failure is its runner's.</summary>
/// <param name="config">Whom, and how.</param>
/// <param name="file">Where those that are learnt outlive a restart; null: nobody is learnt.</param>
internal sealed class NotifySendAction(NotifySendConfig config, string? file = null) : IAction
{
    /// <summary>Of those that are learnt: at once, and the NOTIFYs to each. Nobody waits for their answers but the next change.</summary>
    const int LearntAtOnce = 64, LearntTries = 2;

    /// <summary>Of those that are learnt and did not answer: named; more are counted.</summary>
    const int Named = 3;

    const int Port = 53;

    /// <summary>Changes that are told to some and not to all yet; of what is beyond all are told again.</summary>
    const int MostTold = 10_000;

    static readonly TimeSpan Slack = TimeSpan.FromSeconds(5), WriteEvery = TimeSpan.FromMinutes(1);

    TimeProvider time = TimeProvider.System;
    LearntClients? learnt;

    readonly Lately<ReactionId, Told> told = new(MostTold);

    /// <summary>Who has answered to the NOTIFY of one change.</summary>
    sealed class Told
    {
        public Dictionary<NotifySendToConfig, NotifyAnswer> Answers { get; } = new(ReferenceEqualityComparer.Instance);

        /// <summary>What became of those that are learnt; null: they are not told yet.</summary>
        public string? Others { get; set; }
    }

    public string Name => config.Name;

    public int Parallel => config.Concurrency;

    public TimeSpan ApplyTimeout => Slack + (config.Timeout * (1 << config.Tries)) + (config.Learn is null ? TimeSpan.Zero : config.Timeout * (1 << LearntTries) * (LearntClients.MostPerZone / LearntAtOnce + 1));

    public IReadOnlyList<(string By, SourceCount Count)> Counted =>
        Volatile.Read(ref learnt) is { } clients ? [($"notify-send/{Name}", new("learnt", "Clients and zones of theirs that are learnt now.", clients.Count, SourceCountKind.Level))] : [];

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        time = engine.Time;
        if (file is null || config.Learn is not { } servers)
            return;
        var clients = new LearntClients(config.LearnFor, config.MostLearnt, time);
        Read(clients);
        Volatile.Write(ref learnt, clients);
        var ears = servers.Select(s => engine.Transfers.Hear(s, clients.Take)).ToList();
        try
        {
            while (true)
            {
                await Task.Delay(WriteEvery, time, stop).ConfigureAwait(false);
                Write(clients);
            }
        }
        finally
        {
            ears.ForEach(static e => e.Dispose());
            Write(clients);
        }
    }

    /// <summary>What others did about it cannot be read back.</summary>
    public ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop) => ValueTask.FromResult<Input?>(null);

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not ReactionIntent { Zone: { } text } reaction || !DnsName.TryParse(text, out var zone))
            return new Failed($"{Name} tells of zones; this is about none");
        if (!NotifyKeys.TryRead(config.Keys, [], config.Targets.Select(config.KeyOf), out var keys, out var why))
            return new Retry(why);
        var known = told.Get(reaction.Id) ?? new();
        told.Set(reaction.Id, known);
        var silent = config.Targets.Where(t => !known.Answers.ContainsKey(t)).ToList();
        var others = Volatile.Read(ref learnt) is { } clients && known.Others is null ? TellLearntAsync(clients, zone, stop) : null;
        var asked = silent.ConvertAll(t => AskAsync(t, known, zone, keys, stop));
        // Where one is cut short the others are, too, and what was answered is noted.
        await Task.WhenAll([.. asked, others ?? Task.CompletedTask]).ConfigureAwait(false);
        var answers = await Task.WhenAll(asked).ConfigureAwait(false);
        if (others is not null)
            known.Others = await others.ConfigureAwait(false);
        var all = config.Targets.Select(t => known.Answers.GetValueOrDefault(t) ?? answers[silent.IndexOf(t)]).ToList();
        var said = string.Join("; ", all.Select(static a => a.Text).Concat(known.Others is { } more ? [more] : []));
        if (known.Answers.Count < config.Targets.Count)
            return new Retry(said);
        told.Remove(reaction.Id);
        // Who is learnt may have gone for good, or not take a NOTIFY from here: these do not count.
        return all.TrueForAll(static a => a.Rcode == DnsRcode.NoError) ? new Done($"NOTIFY of {zone}: {said}") : new Failed(said);
    }

    async Task<NotifyAnswer> AskAsync(NotifySendToConfig to, Told known, DnsName zone, TsigKey[] keys, CancellationToken stop)
    {
        var answer = await SendAsync(to, zone, keys, stop).ConfigureAwait(false);
        if (answer.Rcode is not (null or DnsRcode.ServFail))
        {
            lock (known)
                known.Answers.Add(to, answer);
        }

        return answer;
    }

    /// <summary>`5 learnt: 4 answered NOERROR, 192.0.2.9 answered REFUSED`.</summary>
    async Task<string> TellLearntAsync(LearntClients clients, DnsName zone, CancellationToken stop)
    {
        var targets = clients.Of(zone.ToString()).Where(a => !config.Targets.Any(t => t.Address.Address.Equals(a)) && LocalAddress.Has(a) != true).ToList();
        var gate = new Lock();
        var (good, bad) = (0, new List<string>());
        await System.Threading.Tasks.Parallel.ForEachAsync(targets, new ParallelOptions { MaxDegreeOfParallelism = LearntAtOnce, CancellationToken = stop }, async (address, end) =>
        {
            var answer = await SendAsync(address.ToString(), new IPEndPoint(address, Port), null, LearntTries, zone, end).ConfigureAwait(false);
            lock (gate)
            {
                if (answer.Rcode == DnsRcode.NoError) good++;
                else bad.Add(answer.Text);
            }
        }).ConfigureAwait(false);
        if (targets.Count == 0)
            return "nobody else is known to transfer it";
        var more = bad.Count > Named ? string.Create(CultureInfo.InvariantCulture, $", and {bad.Count - Named} more not") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{targets.Count} learnt: {good} answered NOERROR{string.Concat(bad.Take(Named).Select(static b => ", " + b))}{more}");
    }

    Task<NotifyAnswer> SendAsync(NotifySendToConfig to, DnsName zone, TsigKey[] keys, CancellationToken stop) =>
        SendAsync(to.Address.ToString(), to.Address.ToIPEndPoint(Port), NotifyKeys.Find(keys, config.KeyOf(to)), config.Tries, zone, stop);

    async Task<NotifyAnswer> SendAsync(string name, IPEndPoint address, TsigKey? key, int tries, DnsName zone, CancellationToken stop)
    {
        if (!config.Tcp)
        {
            var answer = await new NotifySender(config.Timeout, tries, time).SendAsync(new Notifiee(name, [address], key), zone, stop).ConfigureAwait(false);
            return answer.Rcode is null ? answer with { Text = $"{name}: {answer.Text}" } : answer;
        }

        NotifyAnswer? told = null;
        await new NotifyStream(address, key, DnsType.Soa, config.Timeout, time).RunAsync([zone.ToString()], (_, answer) => told = answer, stop).ConfigureAwait(false);
        return told!;
    }

    void Read(LearntClients clients)
    {
        try
        {
            if (!File.Exists(file))
                return;
            using var text = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            clients.Read(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // They are learnt again, each with its next transfer.
        }
    }

    void Write(LearntClients clients)
    {
        // What a full disk keeps out is tried again the next time.
        if (clients.TakeChanged() && !Durable.TryWrite(file!, clients.Write(), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead, out _))
            clients.NotWritten();
    }
}
