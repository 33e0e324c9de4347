using System.Globalization;

namespace Oops.Simulate;

/// <summary>What its sources see when they look.</summary>
internal sealed partial class ServerStory
{
    void SeeProcess()
    {
        if (!plan.Process || IsCut(ProcessChannel)) return;
        Open(ProcessChannel);
        if (alive) calendar.Write(string.Create(CultureInfo.InvariantCulture, $"process {plan.Name} started pid {pid} ago {calendar.Now - bornAt}ms"));
        else calendar.Write($"process {plan.Name} gone \"no process\"");
    }

    void SayGone(string how)
    {
        if (plan.Process && !IsCut(ProcessChannel) && open.Contains(ProcessChannel)) calendar.Write($"process {plan.Name} gone \"{how}\"");
    }

    void OpenBus()
    {
        if (!plan.Bus || !alive || Hung || IsCut(Bus)) return;
        Open(Bus);
        if (dice.Chance(60)) SayZones(Bus, zones);
    }

    /// <summary>The first looks at a new process come at once.</summary>
    void Answered()
    {
        if (plan.Control) PollControl();
        foreach (var address in plan.Probes)
            if (dice.Chance(60)) PollProbe(Probe(address));
    }

    void PollControl()
    {
        if (IsCut(Control)) return;
        if (!alive || Hung || (Flooded && dice.Chance(loss)))
        {
            if (Missed(Control) >= 3 || (!alive && dice.Chance(50))) Lose(Control, alive ? "timeout" : "connection refused");
            return;
        }
        unanswered[Control] = 0;
        Open(Control);
        calendar.Write($"signal {Control} answers");
        if (plan.OwnZones && (dice.Chance(30) || !told.ContainsKey(Control))) calendar.Write($"list {Control} {string.Join(' ', zones)}");
        SayZones(Control, zones);
        if (expires) calendar.Write($"signal {Control} zone {zones[0]} expires-in 0s");
        else if (dice.Chance(20)) calendar.Write($"signal {Control} zone {zones[0]} expires-in 10d");
        // A read that broke off renews nothing.
        if (!dice.Chance(5)) calendar.Write($"read {Control}");
    }

    void PollSystemd()
    {
        if (IsCut(Systemd)) return;
        if (Open(Systemd)) calendar.Write($"signal {Systemd} {(asked && alive ? "stopping" : "not-stopping")}");
        calendar.Write($"read {Systemd}");
    }

    void PollPrimary()
    {
        if (IsCut(Primary) || weather.Is(Storm.NoPrimary, calendar.Now)) return;
        Open(Primary);
        var known = Told(Primary);
        foreach (var zone in zones)
        {
            var good = !weather.Is(Storm.BadData, calendar.Now, zone);
            if (known.TryGetValue(zone, out var before) && before == good) continue;
            known[zone] = good;
            calendar.Write($"signal {Primary} zone-ready {zone} {(good ? "met" : "not-met")}");
        }
        calendar.Write($"read {Primary}");
    }

    void PollProbe(string probe)
    {
        if (IsCut(probe)) return;
        Open(probe);
        if (alive && !Hung && !(Flooded && dice.Chance(loss)))
        {
            unanswered[probe] = 0;
            calendar.Write($"signal {probe} answers");
            SayZones(probe, zones.Take(1));
            calendar.Write($"read {probe}");
            return;
        }
        var missed = Missed(probe);
        if (!alive)
        {
            if (missed >= 2) calendar.Write($"signal {probe} refuses");
            return;
        }
        if (missed < 2) return;
        calendar.Write($"signal {probe} silent for {missed * plan.ProbeEvery}s");
        Look(missed * plan.ProbeEvery * 1000L);
    }

    /// <summary>Somebody is silent: does it work?</summary>
    void Look(long silence)
    {
        if (!plan.Process || !open.Contains(ProcessChannel) || dice.Chance(15)) return;
        if (!Hung) calendar.Write($"signal {ProcessChannel} busy");
        // It may be told too early: of a time when the server still answered.
        else calendar.Write(string.Create(CultureInfo.InvariantCulture, $"signal {ProcessChannel} idle for {(dice.Chance(80) ? Math.Min(5000, calendar.Now - hungSince) : silence * 2)}ms"));
    }

    void SayZones(string channel, IEnumerable<string> of)
    {
        var known = Told(channel);
        foreach (var zone in of)
        {
            var good = !bad.Contains(zone) && !weather.Is(Storm.BadData, calendar.Now, zone);
            if (known.TryGetValue(zone, out var before) && before == good) continue;
            known[zone] = good;
            calendar.Write($"signal {channel} zone-ready {zone} {(good ? "met" : "not-met")}");
        }
    }

    Dictionary<string, bool> Told(string channel) => told.TryGetValue(channel, out var known) ? known : told[channel] = [];

    int Missed(string channel) => unanswered[channel] = unanswered.GetValueOrDefault(channel) + 1;

    /// <summary>True if it was not.</summary>
    bool Open(string channel)
    {
        if (!open.Add(channel)) return false;
        told.Remove(channel);
        calendar.Write($"open {channel}");
        return true;
    }
}
