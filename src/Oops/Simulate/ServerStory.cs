namespace Oops.Simulate;

/// <summary>A name server, what befalls it, and what its sources say of it: late, in part, or not at all.</summary>
internal sealed partial class ServerStory(PlannedServer plan, Calendar calendar, Dice dice, Weather weather)
{
    readonly HashSet<string> bad = [];
    readonly HashSet<string> open = [];
    readonly Dictionary<string, Dictionary<string, bool>> told = [];
    readonly Dictionary<string, long> cut = [];
    readonly Dictionary<string, int> unanswered = [];
    readonly List<string> zones = [.. plan.Zones];
    bool alive, asked, flooded, expires;
    long hungSince = -1, bornAt, pausedUntil;
    int pid = 100, boot, loss = 70;

    public PlannedServer Plan => plan;

    public bool Alive => alive;

    bool Hung => hungSince >= 0;

    bool Flooded => flooded || weather.Is(Storm.Flood, calendar.Now);

    public IEnumerable<string> Channels
    {
        get
        {
            if (plan.Process) yield return ProcessChannel;
            if (plan.Control) yield return Control;
            if (plan.Bus) yield return Bus;
            if (plan.Systemd) yield return Systemd;
            if (plan.Dnstap) yield return Dnstap;
            foreach (var probe in plan.Probes) yield return Probe(probe);
            if (plan.Primary) yield return Primary;
        }
    }

    string ProcessChannel => $"process/{plan.Name}";

    string Control => $"knot/{plan.Name}/control";

    string Bus => $"knot/{plan.Name}/bus";

    string Systemd => $"systemd/{plan.Name}";

    string Dnstap => $"dnstap/{plan.Name}";

    string Primary => $"primary/{plan.Name}";

    string Probe(string address) => $"probe/{plan.Name}/{address}";

    /// <summary>It runs or does not run; nobody has looked yet.</summary>
    public void Begin(bool runs)
    {
        (alive, bornAt) = (runs, calendar.Now);
        Watch();
    }

    /// <summary>Another daemon of ours, which knows nothing: it opens everything anew. What still waits to be looked at is the one before's.</summary>
    public void Watch()
    {
        boot++;
        open.Clear();
        told.Clear();
        unanswered.Clear();
        var mine = boot;
        if (plan.Process) calendar.In(dice.Below(1500), () => { if (mine == boot) SeeProcess(); });
        if (plan.Bus) calendar.In(dice.Below(3000), () => { if (mine == boot) OpenBus(); });
        Repeat(plan.Control, 50_000, PollControl);
        Repeat(plan.Systemd, 55_000, PollSystemd);
        Repeat(plan.Primary, plan.PrimaryEvery * 1000, PollPrimary);
        foreach (var address in plan.Probes) Repeat(true, plan.ProbeEvery * 1000, () => PollProbe(Probe(address)));
    }

    void Repeat(bool wanted, int every, Action look)
    {
        if (!wanted) return;
        var mine = boot;
        calendar.In(dice.Below(2500), Again);

        void Again()
        {
            if (mine != boot) return;
            // While we are stopped nobody is asked.
            if (calendar.Now < pausedUntil)
            {
                calendar.In(pausedUntil - calendar.Now + dice.Below(500), Again);
                return;
            }
            look();
            calendar.In(every - (every / 10) + dice.Below(every / 10), Again);
        }
    }

    public void Pause(long until) => pausedUntil = until;

    /// <param name="channel">Which of its channels.</param>
    /// <param name="why">What is said of it; null: it hangs, and nobody has noticed.</param>
    /// <param name="span">For how long nothing comes by it.</param>
    public void Cut(string channel, string? why, long span)
    {
        cut[channel] = calendar.Now + span;
        if (why is not null) Lose(channel, why);
        else calendar.In(span, () => told.Remove(channel));
        if (channel == Bus) calendar.In(span + 1, OpenBus);
        if (channel == ProcessChannel) calendar.In(span + 1, SeeProcess);
    }

    /// <summary>It ends, and comes back after a while; who watches its process may be late to say so.</summary>
    public void Crash(string how, long awayFor)
    {
        if (!alive) return;
        (alive, asked, hungSince, flooded) = (false, false, -1, false);
        var ended = pid;
        calendar.In(Delay(), () => { if (!alive || pid != ended) SayGone(how); });
        calendar.In(dice.Below(300), () => Lose(Control, "connection refused"));
        if (dice.Chance(50)) calendar.In(dice.Below(200), () => Lose(Bus, "the session ended"));
        if (awayFor >= 0) calendar.In(awayFor, Start);
    }

    /// <summary>It crashes as soon as it runs, again and again.</summary>
    public void CrashAgain(int times, long lives)
    {
        Crash("signal 11", 500);
        if (times > 1) calendar.In(lives, () => CrashAgain(times - 1, lives));
    }

    public void Stop(long awayFor, bool calledOff)
    {
        if (!alive) return;
        asked = true;
        if (plan.Systemd && dice.Chance(90)) calendar.Write($"signal {Systemd} stopping");
        if (plan.Bus && open.Contains(Bus) && dice.Chance(80)) calendar.Write($"signal {Bus} stopping");
        calendar.In(dice.Between(50, 15_000), () =>
        {
            if (!alive || !asked) return;
            if (!calledOff)
            {
                Crash(dice.Chance(80) ? "exit 0" : "signal 15", awayFor);
                return;
            }
            asked = false;
            if (plan.Systemd) calendar.Write($"signal {Systemd} not-stopping");
            if (plan.Bus && open.Contains(Bus)) calendar.Write($"signal {Bus} not-stopping");
        });
    }

    public void Start()
    {
        if (alive) return;
        (alive, asked, bornAt, hungSince) = (true, false, calendar.Now, -1);
        pid++;
        told.Clear();
        var started = pid;
        calendar.In(Delay(), () => { if (alive && pid == started) SeeProcess(); });
        calendar.In(dice.Between(20, 4000), () => { if (alive && pid == started) Answered(); });
        if (plan.Bus) calendar.In(dice.Between(20, 4000), OpenBus);
        if (plan.Systemd) calendar.In(dice.Below(1000), () => { if (open.Contains(Systemd)) calendar.Write($"signal {Systemd} not-stopping"); });
    }

    /// <summary>It answers nothing and does nothing, and then goes on.</summary>
    public void Hang(long span)
    {
        if (!alive || Hung) return;
        // Seen idle before it hung: that says nothing of the silence.
        if (plan.Process && open.Contains(ProcessChannel) && dice.Chance(40)) calendar.Write($"signal {ProcessChannel} idle for 30s");
        hungSince = calendar.Now;
        calendar.In(span, () => hungSince = -1);
    }

    public void Flood(long span)
    {
        (flooded, loss) = (true, dice.Pick([40, 70, 100]));
        if (plan.Dnstap && alive) calendar.Write($"signal {Dnstap} rate {dice.Between(2, 90) * 1000}");
        calendar.In(span, () =>
        {
            flooded = false;
            if (plan.Dnstap && alive) calendar.Write($"signal {Dnstap} rate {dice.Between(1, 900)}");
        });
    }

    public void Spoil(string zone, long span)
    {
        bad.Add(zone);
        calendar.In(span, () => bad.Remove(zone));
    }

    public void Expire(string zone, long span)
    {
        expires = true;
        if (open.Contains(Control) && alive) calendar.Write($"signal {Control} zone {zone} expires-in {dice.Between(0, 60)}s");
        calendar.In(span, () => expires = false);
    }

    public void Unrefreshed(string zone)
    {
        if (open.Contains(Control) && alive) calendar.Write($"signal {Control} zone {zone} failed-refreshes {dice.Between(1, 5)}");
    }

    /// <summary>Its list loses some of its zones, or all but one, or has one more.</summary>
    public void Relist()
    {
        if (dice.Chance(50) && zones.Count > 1) zones.RemoveRange(dice.Below(zones.Count), 1);
        else if (dice.Chance(30)) zones.RemoveRange(1, zones.Count - 1);
        else zones.Add($"new{dice.Below(5)}");
    }

    long Delay() => dice.Chance(75) ? dice.Below(50) : dice.Below(6000);

    void Lose(string channel, string why)
    {
        if (!Channels.Contains(channel) || !open.Remove(channel)) return;
        told.Remove(channel);
        calendar.Write($"lost {channel} \"{why}\"");
    }

    bool IsCut(string channel) => cut.TryGetValue(channel, out var until) && calendar.Now < until;
}
