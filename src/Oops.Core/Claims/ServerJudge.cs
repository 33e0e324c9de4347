namespace Oops.Core;

/// <summary>What is believed, and whether a fact stands behind it.</summary>
internal readonly record struct Verdict(State State, bool Proven)
{
    public static Verdict Unknown => default;

    /// <summary>As a reason to withdraw: a suspicion alone moves nothing.</summary>
    public Verdict AsProof => State == State.Met && !Proven ? Unknown : this;

    public Verdict Negated => new(Kleene.Not(State), Proven);
}

/// <summary>From the claims on a server to its conditions. What is judged and what `explain` shows is heard from the same claims (<see cref="Hearing"/>).</summary>
internal static class ServerJudge
{
    /// <param name="server">The server.</param>
    /// <param name="spec">A condition of servers that is measured or claimed, not derived from zones.</param>
    /// <param name="excluded">A bit per channel that does not count here.</param>
    /// <param name="now">Ages and validity count from here.</param>
    public static Verdict Judge(Server server, KindSpec spec, uint excluded, At now)
    {
        var hearing = new Hearing(server, now);
        Hear(spec, excluded, ref hearing);
        return hearing.Verdict(spec.Polarity);
    }

    /// <summary>The same claims in words, and what they come to.</summary>
    public static (Verdict Verdict, List<ClaimReport> Claims) Read(Server server, KindSpec spec, uint excluded, At now)
    {
        List<ClaimReport> claims = [];
        var hearing = new Hearing(server, now, claims);
        Hear(spec, excluded, ref hearing);
        return (hearing.Verdict(spec.Polarity), claims);
    }

    /// <summary>A channel of the server itself that counts here.</summary>
    public static bool Counts(Channel channel, uint excluded) => channel.Spec.Standing != Standing.Reference && (excluded >> channel.Place & 1) == 0;

    static void Hear(KindSpec spec, uint excluded, ref Hearing hearing)
    {
        switch (spec.Kind)
        {
            case Kind.ServerRunning:
                Running(excluded, ref hearing);
                break;
            case Kind.ServerDown:
                Down(excluded, ref hearing);
                break;
            case Kind.ServerShuttingDown:
                Stopping(excluded, ref hearing);
                break;
            case Kind.ServerCrashed:
                Crashed(excluded, ref hearing);
                break;
            case Kind.QueryRateHigh or Kind.QueryRateRising or Kind.ExtendedError:
                LoadJudge.Hear(spec, excluded, ref hearing);
                break;
            case Kind.External:
                External(spec, ref hearing);
                break;
            default:
                break;
        }
    }

    static void Running(uint excluded, ref Hearing hearing)
    {
        var (server, now) = (hearing.Server, hearing.Now);
        foreach (var channel in server.Channels)
        {
            if (!Counts(channel, excluded)) continue;
            if (channel.Spec.Process)
            {
                var (state, says) = server.Process switch
                {
                    ProcessState.Running => (State.Met, hearing.IsRead ? $"pid {server.Pid} runs" : ""),
                    ProcessState.Gone => (State.NotMet, server.How),
                    _ => (State.Unknown, "has not spoken"),
                };
                hearing.Take(channel, state, says, server.ProcessAt);
            }
            if (!channel.Covers(Measure.Answering)) continue;
            if (channel.Living(Measure.Answering, now) is not { } claim) hearing.TakeSilence(channel);
            else hearing.Take(channel, claim, claim.Value switch { 1 => State.Met, 0 => State.NotMet, _ => State.Unknown }, Answer(claim, hearing));
        }
    }

    /// <summary>DESIGN's table: gone, refused and hung are proofs; silent and busy is never down.</summary>
    static void Down(uint excluded, ref Hearing hearing)
    {
        var (server, now) = (hearing.Server, hearing.Now);
        var silence = Silence.Of(server, now);
        foreach (var channel in server.Channels)
        {
            if (!Counts(channel, excluded)) continue;
            if (channel.Spec.Process)
            {
                var (state, says) = server switch
                {
                    { Down: true, Process: ProcessState.Running } => (State.Met, hearing.IsRead ? $"{server.How}; pid {server.Pid} has not answered yet" : ""),
                    { Down: true } => (State.Met, server.How),
                    { Process: ProcessState.Running } => (State.NotMet, hearing.IsRead ? $"pid {server.Pid} runs" : ""),
                    _ => (State.Unknown, "has not spoken"),
                };
                hearing.Take(channel, state, says, server.ProcessAt);
            }
            if (!channel.Covers(Measure.Answering)) continue;
            if (channel.Living(Measure.Answering, now) is not { } claim) hearing.TakeSilence(channel);
            else if (claim.Value == 1) hearing.Take(channel, claim, State.NotMet, Answer(claim, hearing));
            else if (claim.Value == 0) hearing.Take(channel, claim, claim.Evidence == Evidence.Proof ? State.Met : State.Unknown, Answer(claim, hearing));
            else if (claim.Value == Signal.Unasked) hearing.Take(channel, claim, State.Unknown, Answer(claim, hearing));
            else if (silence.IsHung) hearing.Take(channel, claim with { Evidence = Evidence.Proof }, State.Met, $"hung: silent on all probes and idle{Seen(silence)}");
            else if (silence.IsBusy) hearing.Take(channel, claim, State.Unknown, hearing.IsRead ? $"silent, but it works{Seen(silence)}" : "");
            else hearing.Take(channel, claim, State.Unknown, "silent, and not known to be idle");
        }
    }

    static void Stopping(uint excluded, ref Hearing hearing)
    {
        foreach (var channel in hearing.Server.Channels)
        {
            if (!Counts(channel, excluded) || !channel.Covers(Measure.Stopping)) continue;
            if (channel.Living(Measure.Stopping, hearing.Now) is { } claim)
                hearing.Take(channel, claim, claim.Value == 1 ? State.Met : State.NotMet, claim.Value == 1 ? "asked to stop" : "not asked to stop");
            else if (channel is { Open: true, Read: true })
                hearing.Take(channel, State.NotMet, "not asked to stop", channel.LastRead);
            else hearing.TakeSilence(channel);
        }
    }

    static void Crashed(uint excluded, ref Hearing hearing)
    {
        var server = hearing.Server;
        var down = new Hearing(server, hearing.Now);
        Down(excluded, ref down);
        if (!down.IsMet)
        {
            Down(excluded, ref hearing);
            return;
        }
        List<ClaimReport> claims = [];
        down = new(server, hearing.Now, claims);
        Down(excluded, ref down);
        foreach (var claim in claims)
        {
            // Once it is down, those who know nothing of that know nothing of how it ended either.
            if (claim.State != State.Met) continue;
            if (server.Asked) hearing.Take(claim with { State = State.NotMet, Says = claim.Says + ", after it was asked to stop" });
            else if (!server.Seen && !(server.Down && server.How == ProcessGone.LeftPidfile)) hearing.Take(claim with { State = State.Unknown, Says = claim.Says + (server.Down ? ", and was never seen to run" : ", and was never seen to answer") });
            else if (server.Down && server.How == ProcessGone.NoProcess) hearing.Take(claim with { State = State.Unknown, Says = claim.Says + ", and nobody saw it end" });
            // Servers remove it when they end by themselves; but not each of them, nor where its folder does not let it.
            else if (server.Down && server.How == ProcessGone.LeftPidfile) hearing.Take(claim with { Evidence = Evidence.Suspicion });
            else if (!server.Down || server.How.StartsWith("signal", StringComparison.Ordinal)) hearing.Take(claim);
            else if (server.How == "exit 0") hearing.Take(claim with { State = State.NotMet });
            else if (server.How.StartsWith("exit", StringComparison.Ordinal)) hearing.Take(claim);
            // How it ended is not known: without a channel that would have told of a stop, a crash is only suspected.
            else hearing.Take(claim with { Evidence = server.Channels.Any(c => c.Covers(Measure.Stopping)) ? claim.Evidence : Evidence.Suspicion });
        }
    }

    static void External(KindSpec spec, ref Hearing hearing)
    {
        foreach (var standing in hearing.Server.External)
            if (standing.Claim.Condition == spec.Name && hearing.Now < standing.Ends)
                hearing.Take(standing, spec.Proof ? standing.Claim.Evidence : Evidence.Suspicion);
    }

    static string Seen(Silence silence) => silence.Seen is null ? "" : $" ({silence.Seen})";

    static string Answer(in ServerClaim claim, in Hearing hearing)
    {
        var says = claim.Value switch { 1 => "answers", 0 => "refuses", Signal.Unasked => "cannot be asked", _ => "silent" };
        return claim.Detail is null || !hearing.IsRead ? says : $"{says} ({claim.Detail})";
    }
}
