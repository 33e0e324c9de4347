namespace Oops.Sources.Knot.Gate;

/// <summary>What becomes of a version that waits.</summary>
internal enum GateAnswer
{
    /// <summary>It is published.</summary>
    Pass,

    /// <summary>It is discarded, and the zone stays as it is.</summary>
    Fail,
}

/// <summary>What a judge says of a version.</summary>
/// <param name="Answer">Null: it could not judge.</param>
/// <param name="Why">One line.</param>
internal readonly record struct GateVerdict(GateAnswer? Answer, string Why)
{
    public static GateVerdict Pass(string why) => new(GateAnswer.Pass, why);

    public static GateVerdict Fail(string why) => new(GateAnswer.Fail, why);

    /// <summary>It is not known: what is configured for that counts.</summary>
    public static GateVerdict None(string why) => new(null, why);
}

/// <summary>Judges the version of a zone that waits at knotd. It may compute for long, on a thread of its own; where it is cancelled nobody waits for it any more.</summary>
/// <param name="zone">Canonical name.</param>
/// <param name="serial">Of the version that waits.</param>
/// <param name="stop">It is too late, or another version waits.</param>
internal delegate Task<GateVerdict> GateJudge(string zone, uint? serial, CancellationToken stop);

/// <summary>Waits until a zone can be judged. Null: it can; else one line, why not.</summary>
/// <param name="zone">Canonical name.</param>
/// <param name="stop">It is too late, or another version waits.</param>
internal delegate Task<string?> GateReady(string zone, CancellationToken stop);
