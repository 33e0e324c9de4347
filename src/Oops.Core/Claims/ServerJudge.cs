namespace Oops.Core;

/// <summary>What is believed, and whether a fact stands behind it.</summary>
internal readonly record struct Verdict(State State, bool Proven)
{
    public static Verdict Unknown => default;

    /// <summary>As a reason to withdraw: a suspicion alone moves nothing.</summary>
    public Verdict AsProof => State == State.Met && !Proven ? Unknown : this;

    public Verdict Negated => new(Kleene.Not(State), Proven);
}

/// <summary>From the claims on a server to its conditions. One list of claims serves the verdict and `explain`.</summary>
internal static class ServerJudge
{
    /// <param name="server">The server.</param>
    /// <param name="spec">A condition of servers that is measured or claimed, not derived from zones.</param>
    /// <param name="excluded">A bit per channel that does not count here.</param>
    /// <param name="now">Ages and validity count from here.</param>
    public static Verdict Judge(Server server, KindSpec spec, uint excluded, At now)
    {
        bool met = false, notMet = false, unknown = false, any = false, metProof = false, notMetProof = false;
        foreach (var claim in Claims(server, spec, excluded, now))
        {
            if (claim.State == State.Unknown && claim.Standing == Standing.Messenger) continue;
            any = true;
            met |= claim.State == State.Met;
            notMet |= claim.State == State.NotMet;
            unknown |= claim.State == State.Unknown;
            metProof |= claim.State == State.Met && claim.Evidence == Evidence.Proof;
            notMetProof |= claim.State == State.NotMet && claim.Evidence == Evidence.Proof;
        }
        if (!any) return Verdict.Unknown;
        var state = Kleene.Fold(spec.Polarity, met, notMet, unknown);
        return new(state, state == State.Met ? metProof : state == State.NotMet && notMetProof);
    }

    public static IEnumerable<ClaimReport> Claims(Server server, KindSpec spec, uint excluded, At now) => spec.Kind switch
    {
        Kind.ServerRunning => Running(server, excluded, now),
        Kind.ServerDown => Down(server, excluded, now),
        Kind.ServerShuttingDown => Stopping(server, excluded, now),
        Kind.ServerCrashed => Crashed(server, excluded, now),
        Kind.QueryRateHigh or Kind.QueryRateRising or Kind.ExtendedError => LoadJudge.Claims(server, spec, excluded, now),
        Kind.External => External(server, spec, now),
        _ => [],
    };

    static IEnumerable<ClaimReport> Running(Server server, uint excluded, At now)
    {
        foreach (var channel in Covering(server, Measure.Answering, excluded, orProcess: true))
        {
            if (channel.Spec.Process)
            {
                var (state, says) = server.Process switch
                {
                    ProcessState.Running => (State.Met, $"pid {server.Pid} runs"),
                    ProcessState.Gone => (State.NotMet, server.How),
                    _ => (State.Unknown, "has not spoken"),
                };
                yield return Report(channel, Evidence.Proof, state, says, server.ProcessAt, null, server, now);
            }
            if (!channel.Covers(Measure.Answering)) continue;
            if (channel.Living(Measure.Answering, now) is not { } claim) yield return Silent(channel, server);
            else yield return Report(channel, claim, claim.Value switch { 1 => State.Met, 0 => State.NotMet, _ => State.Unknown }, Answer(claim), server, now);
        }
    }

    /// <summary>DESIGN's table: gone, refused and hung are proofs; silent and busy is never down.</summary>
    static IEnumerable<ClaimReport> Down(Server server, uint excluded, At now)
    {
        var silence = Silence.Of(server, now);
        foreach (var channel in Covering(server, Measure.Answering, excluded, orProcess: true))
        {
            if (channel.Spec.Process)
            {
                var (state, says) = server switch
                {
                    { Down: true, Process: ProcessState.Running } => (State.Met, $"{server.How}; pid {server.Pid} has not answered yet"),
                    { Down: true } => (State.Met, server.How),
                    { Process: ProcessState.Running } => (State.NotMet, $"pid {server.Pid} runs"),
                    _ => (State.Unknown, "has not spoken"),
                };
                yield return Report(channel, Evidence.Proof, state, says, server.ProcessAt, null, server, now);
            }
            if (!channel.Covers(Measure.Answering)) continue;
            if (channel.Living(Measure.Answering, now) is not { } claim) yield return Silent(channel, server);
            else if (claim.Value == 1) yield return Report(channel, claim, State.NotMet, Answer(claim), server, now);
            else if (claim.Value == 0) yield return Report(channel, claim, claim.Evidence == Evidence.Proof ? State.Met : State.Unknown, Answer(claim), server, now);
            else if (claim.Value == Signal.Unasked) yield return Report(channel, claim, State.Unknown, Answer(claim), server, now);
            else if (silence.IsHung) yield return Report(channel, claim with { Evidence = Evidence.Proof }, State.Met, $"hung: silent on all probes and idle{Seen(silence)}", server, now);
            else if (silence.IsBusy) yield return Report(channel, claim, State.Unknown, $"silent, but it works{Seen(silence)}", server, now);
            else yield return Report(channel, claim, State.Unknown, "silent, and not known to be idle", server, now);
        }
    }

    static IEnumerable<ClaimReport> Stopping(Server server, uint excluded, At now)
    {
        foreach (var channel in Covering(server, Measure.Stopping, excluded, orProcess: false))
        {
            if (channel.Living(Measure.Stopping, now) is { } claim)
                yield return Report(channel, claim, claim.Value == 1 ? State.Met : State.NotMet, claim.Value == 1 ? "asked to stop" : "not asked to stop", server, now);
            else if (channel is { Open: true, Read: true })
                yield return Report(channel, Evidence.Proof, State.NotMet, "not asked to stop", channel.LastRead, null, server, now);
            else yield return Silent(channel, server);
        }
    }

    static IEnumerable<ClaimReport> Crashed(Server server, uint excluded, At now)
    {
        var claims = Down(server, excluded, now).ToList();
        // Once it is down, those who know nothing of that know nothing of how it ended either.
        var down = claims.Exists(c => c.State == State.Met);
        foreach (var claim in claims)
        {
            if (claim.State != State.Met)
            {
                if (!down) yield return claim;
            }
            else if (server.Asked) yield return claim with { State = State.NotMet, Says = claim.Says + ", after it was asked to stop" };
            else if (!server.Seen && !(server.Down && server.How == ProcessGone.LeftPidfile)) yield return claim with { State = State.Unknown, Says = claim.Says + (server.Down ? ", and was never seen to run" : ", and was never seen to answer") };
            else if (server.Down && server.How == ProcessGone.NoProcess) yield return claim with { State = State.Unknown, Says = claim.Says + ", and nobody saw it end" };
            // Servers remove it when they end by themselves; but not each of them, nor where its folder does not let it.
            else if (server.Down && server.How == ProcessGone.LeftPidfile) yield return claim with { Evidence = Evidence.Suspicion };
            else if (!server.Down || server.How.StartsWith("signal", StringComparison.Ordinal)) yield return claim;
            else if (server.How == "exit 0") yield return claim with { State = State.NotMet };
            else if (server.How.StartsWith("exit", StringComparison.Ordinal)) yield return claim;
            // How it ended is not known: without a channel that would have told of a stop, a crash is only suspected.
            else yield return claim with { Evidence = server.Channels.Any(c => c.Covers(Measure.Stopping)) ? claim.Evidence : Evidence.Suspicion };
        }
    }

    static IEnumerable<ClaimReport> External(Server server, KindSpec spec, At now)
    {
        foreach (var standing in server.External(spec.Name, now))
        {
            var evidence = spec.Proof ? standing.Claim.Evidence : Evidence.Suspicion;
            yield return new(standing.Claim.By, Standing.Witness, evidence, standing.Claim.State, standing.Claim.Detail ?? Words.Of(standing.Claim.State), now - standing.At, standing.Ends - now, null, null);
        }
    }

    internal static IEnumerable<Channel> Covering(Server server, Measure measure, uint excluded, bool orProcess)
    {
        foreach (var channel in server.Channels)
        {
            if (channel.Spec.Standing == Standing.Reference || (excluded >> channel.Place & 1) != 0) continue;
            if (channel.Covers(measure) || (orProcess && channel.Spec.Process)) yield return channel;
        }
    }

    static string Seen(Silence silence) => silence.Seen is null ? "" : $" ({silence.Seen})";

    static string Answer(ServerClaim claim)
    {
        var says = claim.Value switch { 1 => "answers", 0 => "refuses", Signal.Unasked => "cannot be asked", _ => "silent" };
        return claim.Detail is null ? says : $"{says} ({claim.Detail})";
    }

    internal static ClaimReport Silent(Channel channel, Server server) =>
        new(channel.Spec.Name, channel.Spec.Standing, Evidence.Suspicion, State.Unknown, "has not spoken", null, null, server.Pid, channel.Open ? null : channel.Why ?? "its claims have ended");

    internal static ClaimReport Report(Channel channel, ServerClaim claim, State state, string says, Server server, At now) =>
        Report(channel, claim.Evidence, state, says, claim.At, channel.Left(claim, now), server, now);

    static ClaimReport Report(Channel channel, Evidence evidence, State state, string says, At at, TimeSpan? left, Server server, At now) =>
        new(channel.Spec.Name, channel.Spec.Standing, evidence, state, says, now - at, left, server.Pid, null);
}
