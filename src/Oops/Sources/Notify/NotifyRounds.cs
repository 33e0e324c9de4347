using System.Net;
using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Sources.Notify;

/// <summary>
/// Asks for the SOA of zones, in rounds per address: an address that does not answer keeps nobody waiting but those who must be asked there, and what is due together shares a socket.
/// </summary>
/// <param name="asker">Asks.</param>
/// <param name="options">How.</param>
/// <param name="tries">How often, where no answer comes.</param>
/// <param name="settle">Takes what came of a check, from any thread; gives back another one where somebody else is to be asked.</param>
/// <param name="ended">Called when a round has ended, from any thread.</param>
internal sealed class NotifyRounds(DnsAsker asker, AskOptions options, int tries, NotifyRounds.Settling settle, Action ended) : IDisposable
{
    const int PerAddress = 16;
    const int Most = 256;

    // A good answer is settled as it comes, but who waits for a lost one keeps its socket.
    const int NotifiedPerRound = 16;

    readonly Dictionary<IPEndPoint, Lane> lanes = [];
    readonly Lock gate = new();
    readonly List<Task> running = [];
    readonly SemaphoreSlim rounds = new(Most);
    int polls;

    public delegate NotifyCheck? Settling(NotifyCheck check, in AskResult result);

    /// <summary>Polls that wait or are under way.</summary>
    public int Polls => Volatile.Read(ref polls);

    public void Dispose() => rounds.Dispose();

    /// <summary>Puts it in its lane, and begins a round where one more is worth it.</summary>
    public void Enter(NotifyCheck check, CancellationToken stop)
    {
        lock (gate)
        {
            if (!lanes.TryGetValue(check.At, out var lane))
                lanes.Add(check.At, lane = new Lane());
            if (check.IsPoll)
            {
                lane.Polls.Enqueue(check);
                Interlocked.Increment(ref polls);
            }
            else
            {
                lane.Notified.Enqueue(check);
            }

            if (lane.Running >= PerAddress || lane.Starting * NotifiedPerRound >= lane.Waiting)
                return;
            lane.Running++;
            lane.Starting++;
            running.Add(RunAsync(check.At, lane, stop));
        }
    }

    /// <summary>Forgets the rounds that ended, and throws what one of them threw.</summary>
    public async Task CollectAsync()
    {
        List<Task> completed = [];
        lock (gate)
        {
            running.RemoveAll(t =>
            {
                if (!t.IsCompleted)
                    return false;
                completed.Add(t);
                return true;
            });
        }

        foreach (var task in completed)
            await task.ConfigureAwait(false);
    }

    /// <summary>Waits for all, whatever becomes of them; their token is cancelled.</summary>
    public async Task EndAsync()
    {
        while (true)
        {
            Task[] left;
            lock (gate)
            {
                running.RemoveAll(t => t.IsCompleted);
                left = [.. running];
            }

            if (left.Length == 0)
                return;
            await Task.WhenAll(left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>An answer with authority that has the zone's SOA.</summary>
    public static Soa? Good(in AskResult result) =>
        result is { Outcome: AskOutcome.Answered, Answer: { Rcode: DnsRcode.NoError, Authoritative: true, Truncated: false } } ? result.Answer.Soa : null;

    async Task RunAsync(IPEndPoint at, Lane lane, CancellationToken stop)
    {
        await Task.Yield(); // what else is due for this address joins the round
        var checks = new List<NotifyCheck>(DnsAsker.MaxZones);
        for (var first = true; ; first = false)
        {
            await rounds.WaitAsync(stop).ConfigureAwait(false);
            try
            {
                if (!TryTake(at, lane, checks, first))
                    break;
                var elsewhere = await AskAsync(at, checks, stop).ConfigureAwait(false);
                if (checks[0].IsPoll)
                    Interlocked.Add(ref polls, -checks.Count);
                foreach (var second in elsewhere)
                    Enter(second, stop);
            }
            finally
            {
                rounds.Release();
                ended();
            }
        }
    }

    /// <summary>Notified zones, or else polls.</summary>
    bool TryTake(IPEndPoint at, Lane lane, List<NotifyCheck> checks, bool first)
    {
        checks.Clear();
        lock (gate)
        {
            if (first)
                lane.Starting--;
            var (from, most) = lane.Notified.Count > 0 ? (lane.Notified, NotifiedPerRound) : (lane.Polls, DnsAsker.MaxZones);
            while (checks.Count < most && from.TryDequeue(out var check))
                checks.Add(check);
            if (checks.Count > 0)
                return true;
            if (--lane.Running == 0)
                lanes.Remove(at);
            return false;
        }
    }

    /// <summary>Asks for all, settles them, and gives back those that are to be asked for elsewhere.</summary>
    async Task<List<NotifyCheck>> AskAsync(IPEndPoint at, List<NotifyCheck> checks, CancellationToken stop)
    {
        var results = new AskResult[checks.Count];
        var settled = new bool[checks.Count];
        List<int> open = [.. Enumerable.Range(0, checks.Count)];
        var query = options;
        for (var tried = 0; tried < tries && open.Count > 0; tried++)
        {
            var names = new DnsName[open.Count];
            for (var i = 0; i < names.Length; i++)
                names[i] = checks[open[i]].Look.Zone.Name;
            var asked = open.ToArray();
            var answers = await asker.AskAsync(at, names, query, stop, (i, answer) =>
            {
                if (Good(answer) is null)
                    return;
                settled[asked[i]] = true;
                settle(checks[asked[i]], answer);
            }).ConfigureAwait(false);
            for (var i = 0; i < answers.Length; i++)
                results[asked[i]] = answers[i];
            open.RemoveAll(i => results[i].Outcome is not (AskOutcome.Timeout or AskOutcome.Broken) && !IsDeafToEdns(results[i]));
            if (open.Exists(i => IsDeafToEdns(results[i])))
                query = query with { Query = SoaQueryOptions.NoEdns };
        }

        List<NotifyCheck> elsewhere = [];
        for (var i = 0; i < results.Length; i++)
        {
            if (!settled[i] && settle(checks[i], results[i]) is { } second)
                elsewhere.Add(second);
        }

        return elsewhere;
    }

    static bool IsDeafToEdns(in AskResult result) => result is { Outcome: AskOutcome.Answered, Answer.Rcode: DnsRcode.FormErr or DnsRcode.NotImp };

    sealed class Lane
    {
        public Queue<NotifyCheck> Notified { get; } = new();

        public Queue<NotifyCheck> Polls { get; } = new();

        public int Running { get; set; }

        /// <summary>Of these, how many have not yet taken a round.</summary>
        public int Starting { get; set; }

        public int Waiting => Notified.Count + Polls.Count;
    }
}
