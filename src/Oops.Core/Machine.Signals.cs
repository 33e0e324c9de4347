namespace Oops.Core;

/// <summary>What sources say.</summary>
public sealed partial class Machine
{
    readonly Dictionary<string, At> busy = [];

    /// <summary>The hot path: one claim on one zone.</summary>
    void Take(ZoneSignal signal, List<Effect> effects)
    {
        if (!channels.TryGetValue(signal.Channel, out var channel))
            return;
        if (!channel.Open)
        {
            channel.Opened(now);
            channel.Server.Touch();
            dirty = stale = true;
        }
        channel.Listen(now);
        var zones = channel.Server.Zones;
        if (zones.Claim(channel.Place, signal.Zone, signal.Measure, signal.Value, signal.Detail, now, news)) counted = channel.Server;
        // The next deadline may have come nearer; if one went further away, the earlier wake finds nothing to do.
        var next = new Deadline(now);
        zones.Wants(ref next);
        deadline = At.Min(deadline, next.Next);
        if (news.Count > 0) Tell(channel.Server, effects, signal);
    }

    void Take(Signal signal, Moment moment, List<Effect> effects)
    {
        if (!channels.TryGetValue(signal.Channel, out var channel))
            return;
        var server = channel.Server;
        server.Touch();
        if (!channel.Open && signal is not (ChannelLost or ChannelOpened)) channel.Opened(now);
        channel.Listen(now);
        switch (signal)
        {
            case ChannelOpened:
                End(channel);
                channel.Opened(now);
                break;
            case ChannelRead:
                channel.Completed(now);
                server.Zones.Renew(channel.Place, now);
                server.Zones.Confirmed(channel.Place, now);
                break;
            case ChannelLost lost:
                End(channel);
                channel.Lost(now, lost.Why);
                break;
            case ProcessStarted started when server.Started(started.Pid, started.StartTime, now):
                Renewed(server);
                break;
            case ProcessGone gone when server.Gone(gone.How, now):
                Renewed(server);
                LostAll(server, gone.How, effects);
                break;
            case ServerSignal said:
                var calledOff = said is { Measure: Measure.Stopping, Value: 0 } && channel.Living(Measure.Stopping, now) is { Value: 1 };
                channel.Claim(said.Measure, new(said.Value, said.Evidence, said.Detail, now, now - said.For));
                if (said is { Measure: Measure.Answering, Value: 1 } && channel.Spec.Standing != Standing.Reference) server.Answered(now);
                if (said is { Measure: Measure.Stopping, Value: 1 }) server.WasAsked();
                if (calledOff) server.NotAsked(now);
                break;
            case ErrorRates rates:
                channel.Claim(Measure.ExtendedErrors, new(0, Evidence.Proof, null, now, now, rates));
                break;
            case ZonesListed listed:
                Listed(server, channel.Place, listed.Zones, listed.First, listed.Last, effects);
                break;
            default:
                break;
        }
    }

    static void End(Channel channel)
    {
        channel.Server.Zones.EndChannel(channel.Place);
        if (channel.Spec.Process) channel.Server.ProcessLost();
    }

    void Renewed(Server server)
    {
        foreach (var route in routes)
            if (route.Sees(server)) route.NewIncarnation();
    }

    /// <summary>Rules that asked for `unknown` hear of a lost server once, not once per zone.</summary>
    void LostAll(Server server, string how, List<Effect> effects)
    {
        foreach (var rule in rules)
            if (rule.FiresOn(State.Unknown) && rule.Listens(rule.Spec.Condition, server.Name) && beliefs.Find(rule.Spec.Condition) is KindSpec { IsHearsay: false } spec && Beliefs.IsOfZone(spec))
                Fire(rule, server, State.Unknown, $"{server.Name} is gone: {how}", effects);
    }

    void Listed(Server server, int channel, IEnumerable<string> zones, bool first, bool last, List<Effect> effects)
    {
        server.Zones.List(channel, zones, first);
        if (!last) return;
        List<string> vanished = [];
        var taken = server.Zones.EndList(server.Spec.AtLeast, policy.Limits.ShrinkHeld, policy.Limits.NewZoneGrace, now, vanished);
        alarms.Set(!taken, $"zones-held/{server.Name}", $"the zone list of {server.Name} shrank too much, or is too short: the last complete set of {Words.Count(server.Zones.Expected, "zone")} is kept; `oops confirm` takes one that only shrank", now, effects);
        if (vanished.Count > 0)
            alarms.RaiseForPerson($"zones-vanished/{server.Name}", $"{Words.Count(vanished.Count, "zone")} left the list of {server.Name}: {string.Join(' ', vanished.Take(5))}{(vanished.Count > 5 ? " ..." : "")}", now, effects);
    }

    /// <summary>News of zones to the rules that listen.</summary>
    void Tell(Server server, List<Effect> effects, ZoneSignal? by = null)
    {
        foreach (var item in news)
        {
            var name = item.Condition?.Spec.Name ?? item.Level!.Spec.Name;
            foreach (var rule in rules)
            {
                if (!rule.Listens(name, server.Name)) continue;
                if (item.Level is null ? !rule.FiresOn(item.To) : item.First) continue;
                if (rule.Spec.Zones.IsExpected ? server.Zones.Complete && !server.Zones.IsExpected(item.Zone) : !rule.Spec.Zones.Matches(server.Zones.Name(item.Zone))) continue;
                Fire(rule, server, item, name, by, effects);
            }
        }
        news.Clear();
    }

    void Fire(Rule rule, Server server, in ZoneNews item, string condition, ZoneSignal? by, List<Effect> effects)
    {
        var zone = server.Zones.Name(item.Zone);
        var serial = item.Level is { Measure: Measure.Serial } ? item.Now : server.Zones.Serial(item.Zone);
        uint? previous = item.Level is { Measure: Measure.Serial } ? item.Before : null;
        var because = item.Level switch
        {
            null => $"{condition} of {zone} at {server.Name} is {Words.Of(item.To)}",
            // A number that stands for all of them says nothing to a person.
            { Measure: Measure.Keys } => $"{condition}: the keys of {zone} at {server.Name} are others",
            { Measure: Measure.CdsWanted } => $"{condition}: {zone} at {server.Name} asks for another DS",
            _ => $"{condition}: {zone} at {server.Name} went from {item.Before} to {item.Now}",
        };
        // None: a time that was claimed has come.
        if (by is not null) because += $" ({by.Channel})";
        if (by is { Measure: Measure.Keys or Measure.Delegation or Measure.CdsWanted or Measure.Invalid or Measure.SignatureExpiry, Detail: { } detail }) because += $": {detail}";
        else if (by is null && item.Condition is { } timed && server.Zones.Remark(timed, item.Zone, item.To) is { } remark) because += $": {remark}";
        foreach (var run in rule.Spec.Do)
            effects.Add(new ReactionIntent(run.Action, ++sequence, because)
            {
                Rule = rule.Spec.Index,
                Condition = condition,
                Server = server.Name,
                Zone = zone,
                State = item.To,
                Serial = serial,
                PreviousSerial = previous,
                Source = by?.From,
                Channel = by?.Channel,
                When = wall,
                Each = run.Each,
                Shadow = policy.Mode == Mode.Observe,
            });
    }

    void Fire(Rule rule, Server server, State state, string because, List<Effect> effects)
    {
        foreach (var run in rule.Spec.Do)
            effects.Add(new ReactionIntent(run.Action, ++sequence, because) { Rule = rule.Spec.Index, Condition = rule.Spec.Condition, Server = server.Name, State = state, When = wall, Each = run.Each, Shadow = policy.Mode == Mode.Observe });
    }

    /// <summary>Silent and busy is never down; it is worth an alarm.</summary>
    void Watch(Server server, List<Effect> effects)
    {
        if (!Silence.Of(server, now).IsBusy)
        {
            busy.Remove(server.Name);
            alarms.Clear($"unresponsive/{server.Name}", effects);
            return;
        }
        busy.TryAdd(server.Name, now);
        if (now - busy[server.Name] >= policy.Limits.Unresponsive)
            alarms.Raise($"unresponsive/{server.Name}", $"{server.Name} is silent on all probes, and busy", now, effects);
    }
}
