using Oops.Core;

namespace Oops.Simulate;

/// <summary>What went in: facts of servers, and words of persons.</summary>
internal sealed partial class Guard
{
    void Take(Input input)
    {
        if (input is not (Tick or RouterObserved or RouterUnseen or Applied)) quiet = false;
        switch (input)
        {
            case ChannelLost or ServerSignal { Measure: Measure.Answering, Value: Signal.Absent }:
                Take((Signal)input);
                Reach(input is ChannelLost ? Reached.SourceLost : Reached.SuspectedOnly);
                break;
            case Signal signal:
                Take(signal);
                if (signal is ZonesListed) Reach(Reached.ListChanged);
                break;
            case ExternalClaim claim when servers.TryGetValue(claim.Server, out var server):
                server.Take(claim, now);
                break;
            case RouterUnseen unseen:
                unread.Add(unseen.Action);
                Reach(Reached.RouterUnseen);
                break;
            case RouterObserved observed:
                unread.Remove(observed.Action);
                foreach (var seen in observed.Routes)
                    if (routes.TryGetValue(seen.Route, out var watch) && !IsShadow(policy, watch.Spec)) watch.See(seen.Form);
                break;
            case Applied { Outcome.Unheard.IsEmpty: false } applied:
                Reach(Reached.Unheard);
                foreach (var unheard in applied.Outcome.Unheard) routes[unheard.Route].GiveBack(unheard.From, applied.Sequence);
                break;
            case Applied { Outcome: Retry }:
                Reach(Reached.RouterRefused);
                break;
            case ClockTrust { Trusted: false }:
                Reach(Reached.ClockStepped);
                break;
            case Operator word:
                Take(word);
                break;
            default:
                break;
        }
        EndPeople();
    }

    void Take(Signal signal)
    {
        if (!channels.TryGetValue(signal.Channel, out var name)) return;
        var server = servers[name];
        server.Take(signal, now);
        if (signal is ServerSignal { Measure: Measure.Idle, Value: 1 } && Proofs.IsHung(server, now)) Reach(Reached.Hung);
        if (signal is not ZoneSignal { Measure: Measure.Serial, Value: Signal.Absent } zone) return;
        if (server.Says(zone.Zone, now, absent: true) && server.SaysReference(zone.Zone, now, absent: true)) Reach(Reached.BadEverywhere);
        if (server.Says(zone.Zone, now, absent: true) && server.SaysReference(zone.Zone, now, absent: false)) Reach(Reached.BadHereOnly);
    }

    void Take(Operator word)
    {
        switch (word)
        {
            case Drain drain:
                foreach (var watch in Chosen(drain.Routes))
                {
                    if (watch.Spec.LastResort && !drain.Force) continue;
                    var ends = now + drain.For;
                    if (drain.Server is { } server)
                    {
                        // Of a server that others cover it is no drain of the route.
                        if (!watch.Spec.Servers.Contains(server) || proofs.CoverWithout(watch.Spec, server, now)) continue;
                        // Whether they do may be hard to read: what stood before may go on.
                        ends = At.Max(ends, watch.DrainEnds ?? ends);
                    }
                    (watch.DrainEnds, watch.Free) = (ends, true);
                }
                break;
            case Undrain undrain:
                foreach (var watch in Chosen(undrain.Routes)) (watch.DrainEnds, watch.Free) = (null, watch.Free || watch.DrainEnds is not null);
                break;
            case Hold hold:
                Reach(Reached.Held);
                foreach (var name in hold.Routes.DefaultIfEmpty("")) holds[name] = hold.For is { } span ? now + span : At.Never;
                break;
            case Unhold unhold:
                foreach (var name in unhold.Routes.Count > 0 ? unhold.Routes : [.. holds.Keys]) Unheld(name);
                break;
            case Confirm confirm:
                foreach (var watch in Chosen(confirm.Routes))
                {
                    watch.Forget();
                    watch.IsOurs = true;
                    // Nothing has to be told for it, and it is asked all the same (ADR 25).
                    if (Has(watch.Spec) == RouteForm.Plain) watch.Asked ??= RouteForm.Plain;
                }

                break;
            case Override o:
                Reach(Reached.Overridden);
                overrides[(o.Condition, o.Server, o.Zone)] = now + o.For;
                break;
            case Unoverride o:
                overrides.Remove((o.Condition, o.Server, o.Zone));
                break;
            default:
                break;
        }
    }

    void EndPeople()
    {
        foreach (var (name, ends) in holds)
            if (ends <= now) Unheld(name);
        foreach (var (key, ends) in overrides)
            if (ends <= now) overrides.Remove(key);
        foreach (var watch in routes.Values)
            if (watch.DrainEnds <= now) (watch.DrainEnds, watch.Free) = (null, true);
    }

    /// <summary>What never reached the router before comes back at no cost.</summary>
    void Unheld(string name)
    {
        holds.Remove(name);
        foreach (var watch in routes.Values)
            if (name.Length == 0 || watch.Spec.Name == name) watch.Free = true;
    }

    IEnumerable<RouteWatch> Chosen(IReadOnlyList<string> names) => routes.Values.Where(r => names.Count == 0 || names.Contains(r.Spec.Name));

    bool IsHeld(string route) => holds.ContainsKey("") || holds.ContainsKey(route);

    bool IsOverridden(string condition, string server) => overrides.Count > 0 && overrides.Keys.Any(o => o.Condition == condition && o.Server == server);

    void Count(string alarm)
    {
        Reached? what = alarm.Split('/')[0] switch
        {
            "budget" => Reached.BudgetExhausted,
            "last-resort" => Reached.LastResortFloor,
            "unresponsive" => Reached.SilentAndBusy,
            "zones-held" => Reached.ListHeld,
            "missing" => Reached.RouterMissing,
            "orphan" => Reached.Orphan,
            _ => null,
        };
        if (what is { } known) Reach(known);
    }
}
