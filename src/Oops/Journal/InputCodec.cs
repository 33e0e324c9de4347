using System.Net;
using System.Text.Json;
using Oops.Core;

namespace Oops.Journal;

/// <summary>Inputs to and from the text of the journal. An unknown type, from another version, reads as null.</summary>
internal static class InputCodec
{
    /// <summary>The type of a <see cref="ClaimGroup"/>.</summary>
    public const string Group = "ZoneSignals";

    public static byte[] Write(Input input) => Write(ToRecorded(input));

    public static byte[] Write(Recorded recorded) => JsonSerializer.SerializeToUtf8Bytes(recorded, JournalJson.Default.Recorded);

    public static Input? Read(ReadOnlySpan<byte> text) => Read(text, FromRecorded);

    /// <summary>All inputs of a row of that time: one, or the claims of a group.</summary>
    public static IEnumerable<(At At, Input Input)> ReadAll(ReadOnlySpan<byte> text, At at) =>
        Read<IEnumerable<(At, Input)>>(text, r => r.Type == Group ? ClaimGroup.Read(r, at) : FromRecorded(r) is { } input ? [(at, input)] : null) ?? [];

    static T? Read<T>(ReadOnlySpan<byte> text, Func<Recorded, T?> from) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(text, JournalJson.Default.Recorded) is { } r ? from(r) : null;
        }
        catch (Exception e) when (e is JsonException or FormatException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    static Recorded ToRecorded(Input input) => input switch
    {
        ChannelOpened s => new() { Type = nameof(ChannelOpened), Channel = s.Channel },
        ChannelRead s => new() { Type = nameof(ChannelRead), Channel = s.Channel },
        ChannelLost s => new() { Type = nameof(ChannelLost), Channel = s.Channel, Detail = s.Why },
        ProcessStarted s => new() { Type = nameof(ProcessStarted), Channel = s.Channel, Value = s.Pid, Start = s.StartTime },
        ProcessGone s => new() { Type = nameof(ProcessGone), Channel = s.Channel, Detail = s.How },
        ServerSignal s => new() { Type = nameof(ServerSignal), Channel = s.Channel, Measure = s.Measure.ToString(), Value = s.Value, Yes = s.Evidence == Evidence.Proof, Detail = s.Detail, Seconds = s.For == TimeSpan.Zero ? null : s.For.TotalSeconds },
        ErrorRates s => new() { Type = nameof(ErrorRates), Channel = s.Channel, Errors = [.. s.Codes.Select(c => new RecordedError(c.Code, c.PerSecond, c.Names))], Rest = s.Rest },
        ZoneSignal s => new() { Type = nameof(ZoneSignal), Channel = s.Channel, Zone = s.Zone, Measure = s.Measure.ToString(), Value = s.Value, Detail = s.Detail, From = s.From?.ToString() },
        ZonesListed s => new() { Type = nameof(ZonesListed), Channel = s.Channel, Names = [.. s.Zones], Yes = s.Last, First = s.First ? true : null },
        ExternalClaim s => new()
        {
            Type = nameof(ExternalClaim),
            Channel = s.By,
            Condition = s.Condition,
            Server = s.Server,
            State = Words.Of(s.State),
            Yes = s.Evidence == Evidence.Proof,
            Seconds = s.ValidFor.TotalSeconds,
            Detail = s.Detail,
        },
        Applied { Outcome: var o } a => new()
        {
            Type = nameof(Applied),
            Action = a.Action,
            Value = a.Sequence,
            State = o.GetType().Name,
            Detail = o switch { Done d => d.Detail, Retry r => r.Why, Failed f => f.Why, _ => null },
            Unheard = o.Unheard.IsEmpty ? null : o.Unheard.ToDictionary(u => u.Route, u => u.From),
        },
        RouterObserved o => new()
        {
            Type = nameof(RouterObserved),
            Action = o.Action,
            Router = o.Router,
            Troubles = o.Troubles.IsEmpty ? null : [.. o.Troubles.Select(t => new RecordedTrouble(t.Id, t.Says, t.Now))],
            Names = [.. o.Orphans.Select(p => p.ToString())],
            Followed = o.Followed.IsEmpty ? null : [.. o.Followed.Select(p => p.ToString())],
            Routes = [.. o.Routes.Select(r => new RecordedRoute(r.Route, r.Form?.ToString(), r.Detail, r.Lacks.IsEmpty ? null : [.. r.Lacks.Select(p => p.ToString())], r.Others))],
        },
        UpstreamObserved u => new() { Type = nameof(UpstreamObserved), Action = u.Route, State = Words.Of(u.State), Detail = u.Says, Seconds = u.For.TotalSeconds },
        SessionEnded s => new() { Type = nameof(SessionEnded), Action = s.Action, Detail = s.Says },
        ZoneTold z => new() { Type = nameof(ZoneTold), Channel = z.By, Server = z.Server, Zone = z.Zone, State = z.What, Detail = z.Says },
        RouterUnseen u => new() { Type = nameof(RouterUnseen), Action = u.Action, Detail = u.Why },
        ClockTrust c => new() { Type = nameof(ClockTrust), Yes = c.Trusted, Detail = c.Why },
        BreakGlass b => new() { Type = nameof(BreakGlass), Yes = b.There, Detail = b.Path },
        Shed s => new() { Type = nameof(Shed), Detail = s.Where, Value = s.Count },
        Operator o => ToRecorded(o),
        _ => new() { Type = input.GetType().Name },
    };

    static Recorded ToRecorded(Operator said) => said switch
    {
        Override o => new() { Type = nameof(Override), Who = o.Who, Condition = o.Condition, Server = o.Server, Zone = o.Zone, State = Words.Of(o.State), Seconds = o.For.TotalSeconds, Detail = o.Reason },
        Unoverride o => new() { Type = nameof(Unoverride), Who = o.Who, Condition = o.Condition, Server = o.Server, Zone = o.Zone },
        Drain d => new() { Type = nameof(Drain), Who = d.Who, Names = [.. d.Routes], Server = d.Server, Seconds = d.For.TotalSeconds, Yes = d.UntilStarted, Force = d.Force },
        Undrain d => new() { Type = nameof(Undrain), Who = d.Who, Names = [.. d.Routes] },
        Hold h => new() { Type = nameof(Hold), Who = h.Who, Names = [.. h.Routes], Seconds = h.For?.TotalSeconds, Detail = h.Reason },
        Unhold h => new() { Type = nameof(Unhold), Who = h.Who, Names = [.. h.Routes] },
        Confirm c => new() { Type = nameof(Confirm), Who = c.Who, Names = [.. c.Routes] },
        Accept a => new() { Type = nameof(Accept), Who = a.Who, Server = a.Server, Zone = a.Zone, Value = a.Serial },
        Release r => new() { Type = nameof(Release), Who = r.Who, Detail = r.Prefix.ToString() },
        _ => new() { Type = said.GetType().Name, Who = said.Who },
    };

    static Input? FromRecorded(Recorded r) => r.Type switch
    {
        nameof(ChannelOpened) => new ChannelOpened(r.Channel!),
        nameof(ChannelRead) => new ChannelRead(r.Channel!),
        nameof(ChannelLost) => new ChannelLost(r.Channel!, r.Detail ?? ""),
        nameof(ProcessStarted) => new ProcessStarted(r.Channel!, (int)r.Value!, (long)r.Start!),
        nameof(ProcessGone) => new ProcessGone(r.Channel!, r.Detail ?? ""),
        nameof(ServerSignal) => new ServerSignal(r.Channel!, Enum.Parse<Measure>(r.Measure!), (long)r.Value!, Weight(r), r.Detail) { For = Span(r) },
        nameof(ErrorRates) => new ErrorRates(r.Channel!, [.. (r.Errors ?? []).Select(e => new ErrorRate(e.Code, e.PerSecond, e.Names))], r.Rest ?? 0),
        nameof(ZoneSignal) => new ZoneSignal(r.Channel!, r.Zone!, Enum.Parse<Measure>(r.Measure!), (long)r.Value!, r.Detail, r.From is null ? null : IPAddress.Parse(r.From)),
        nameof(ZonesListed) => new ZonesListed(r.Channel!, r.Names ?? [], r.Yes == true) { First = r.First == true },
        nameof(ExternalClaim) => new ExternalClaim(r.Channel!, r.Condition!, r.Server!, StateOf(r), Weight(r), Span(r), r.Detail),
        nameof(Applied) => new Applied(r.Action!, (long)r.Value!, OutcomeOf(r) with { Unheard = [.. (r.Unheard ?? []).Select(u => new UnheardRoute(u.Key, u.Value))] }),
        nameof(RouterObserved) => new RouterObserved(
            r.Action!,
            [.. (r.Routes ?? []).Select(x => new RouteSeen(x.Route, x.Form is null ? null : Enum.Parse<RouteForm>(x.Form), x.Detail) { Lacks = [.. (x.Lacks ?? []).Select(p => IPNetwork.Parse(p))], Others = x.Others })],
            [.. (r.Names ?? []).Select(p => IPNetwork.Parse(p))],
            r.Router)
        {
            Troubles = [.. (r.Troubles ?? []).Select(t => new RouterTrouble(t.Id, t.Says, t.Now))],
            Followed = [.. (r.Followed ?? []).Select(p => IPNetwork.Parse(p))],
        },
        nameof(UpstreamObserved) => new UpstreamObserved(r.Action!, StateOf(r), r.Detail ?? "") { For = Span(r) },
        nameof(SessionEnded) => new SessionEnded(r.Action!, r.Detail ?? ""),
        nameof(ZoneTold) => new ZoneTold(r.Channel!, r.Server!, r.Zone!, r.State!, r.Detail ?? ""),
        nameof(RouterUnseen) => new RouterUnseen(r.Action!, r.Detail ?? ""),
        nameof(ClockTrust) => new ClockTrust(r.Yes == true, r.Detail ?? ""),
        nameof(BreakGlass) => new BreakGlass(r.Yes == true, r.Detail ?? ""),
        nameof(Shed) => new Shed(r.Detail ?? "", (long)r.Value!),
        nameof(Override) => new Override(r.Who!, r.Condition!, r.Server!, r.Zone, StateOf(r), Span(r), r.Detail ?? ""),
        nameof(Unoverride) => new Unoverride(r.Who!, r.Condition!, r.Server!, r.Zone),
        nameof(Drain) => new Drain(r.Who!, r.Names ?? [], r.Server, Span(r), r.Yes == true, r.Force == true),
        nameof(Undrain) => new Undrain(r.Who!, r.Names ?? []),
        nameof(Hold) => new Hold(r.Who!, r.Names ?? [], r.Seconds is null ? null : Span(r), r.Detail ?? ""),
        nameof(Unhold) => new Unhold(r.Who!, r.Names ?? []),
        nameof(Confirm) => new Confirm(r.Who!, r.Names ?? []),
        nameof(Accept) => new Accept(r.Who!, r.Server!, r.Zone!, (uint)r.Value!),
        nameof(Release) => new Release(r.Who!, IPNetwork.Parse(r.Detail!)),
        _ => null,
    };

    static Evidence Weight(Recorded r) => r.Yes == true ? Evidence.Proof : Evidence.Suspicion;

    static TimeSpan Span(Recorded r) => TimeSpan.FromSeconds(r.Seconds ?? 0);

    static State StateOf(Recorded r) => Words.TryState(r.State ?? "", out var state) ? state : State.Unknown;

    static Outcome OutcomeOf(Recorded r) => r.State switch
    {
        nameof(Done) => new Done(r.Detail),
        nameof(Retry) => new Retry(r.Detail ?? ""),
        _ => new Failed(r.Detail ?? ""),
    };
}
