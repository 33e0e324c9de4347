using Oops.Dns;
using Oops.Wire.Dns;

namespace Oops.Reports.Conformance;

/// <summary>What a check found.</summary>
internal readonly record struct Verdict(State State, string Found)
{
    public static Verdict Ok(string found) => new(State.Ok, found);

    public static Verdict Wrong(string found) => new(State.Wrong, found);

    public static Verdict Note(string found) => new(State.Note, found);

    /// <summary>Of what could not be asked.</summary>
    public static Verdict Unasked(Exchanged came) => new(State.Unasked, came.Why ?? "no answer");

    public static Verdict When(bool good, string found) => new(good ? State.Ok : State.Wrong, found);
}

/// <summary>One thing that is asked of an agent.</summary>
/// <param name="Id">Its name, by which it is known in JSON.</param>
/// <param name="Of">RFC and section.</param>
/// <param name="Level">How strongly that asks for it.</param>
/// <param name="Asks">What for.</param>
/// <param name="Run">Asks the agent.</param>
internal sealed record AgentCheck(string Id, string Of, Level Level, string Asks, Func<Examination, CancellationToken, Task<Verdict>> Run)
{
    /// <summary>Where nothing is asked for, nothing is wrong.</summary>
    public async Task<CheckResult> ResultAsync(Examination of, CancellationToken stop)
    {
        var verdict = await Run(of, stop).ConfigureAwait(false);
        var state = verdict.State == State.Wrong && Level == Level.Free ? State.Note : verdict.State;
        return new CheckResult(Id, Of, Level switch { Level.Must => "MUST", Level.Should => "SHOULD", _ => "-" }, state switch { State.Ok => "ok", State.Wrong => "wrong", State.Note => "note", _ => "unasked" }, Asks, verdict.Found);
    }

    /// <summary>A check that is one query and what is said of its answer.</summary>
    public static AgentCheck One(string id, string of, Level level, string asks, Func<Examination, (PlainQuery Query, Transport? Over)> query, Func<Examination, PlainQuery, PlainAnswer, Verdict> judge) => new(id, of, level, asks, async (e, stop) =>
    {
        var (asked, over) = query(e);
        var came = over is { } way ? await e.AskAsync(asked, way, stop).ConfigureAwait(false) : await e.StreamAsync(asked, stop).ConfigureAwait(false);
        return came.Answer is { } answer ? judge(e, asked, answer) : Verdict.Unasked(came);
    });

    /// <summary>One report over a stream, which is to be answered with TXT.</summary>
    public static AgentCheck Report(string id, string of, Level level, string asks, Func<Examination, DnsName> name) => One(id, of, level, asks, e => (new PlainQuery(name(e), DnsType.Txt), null), (e, query, answer) =>
    {
        var txt = Examination.Txt(answer, query.Name);
        e.Thanks ??= txt;
        return Verdict.When(txt is not null, Examination.Words(answer));
    });
}
