namespace Oops.Actions.Exabgp;

/// <summary>One question's way to ExaBGP and back.</summary>
internal sealed record ExabgpWay(Stream Requests, Stream Replies);

/// <summary>How ExaBGP is reached: its named pipes, or a program of ours that it runs. Open for one question at a time.</summary>
internal interface IExabgpDoor : IDisposable
{
    /// <summary>Where commands go, in words: `its pipe at /run/exabgp/exabgp.in`.</summary>
    string Requests { get; }

    /// <summary>Where answers come from, in words.</summary>
    string Answers { get; }

    /// <summary>What it may be when no answer comes.</summary>
    string Silent { get; }

    /// <summary>What it is when answers are not all there.</summary>
    string Lost { get; }

    /// <summary>Where to look when it answers `error`.</summary>
    string Refused { get; }

    /// <summary>Null: it is closed, and why. What the caller does not dispose of is kept, unread, until the next one.</summary>
    ValueTask<(ExabgpWay? Way, string? Why)> OpenAsync(CancellationToken stop);

    /// <summary>It was there when it was asked, and nobody is behind it now: in words. Null: somebody is.</summary>
    string? HasEnded();
}
