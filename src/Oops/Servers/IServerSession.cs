namespace Oops.Servers;

/// <summary>
/// One session with a server's control socket or API: a look is made in it, and then it is closed. Each wait in it is bounded; after a failure it is of no use.
/// One implementation for each software.
/// </summary>
internal interface IServerSession : IAsyncDisposable
{
    /// <summary>The pid of the process that listens, in our own numbering; null when it cannot be seen: over TCP, or in another pid namespace.</summary>
    int? PeerPid { get; }

    /// <summary>The first answer: it proves that the server is there, and says which.</summary>
    /// <returns>Software and version ("knotd 3.2.6"), or null and why there is no answer.</returns>
    ValueTask<(string? Software, string Why)> GreetAsync(CancellationToken stop);

    /// <summary>Reads the given zones, or all when none is given, and hands over each as soon as it is known.</summary>
    /// <returns>Null, or why it failed: then what was handed over is true, but it is not all.</returns>
    ValueTask<string?> ReadAsync(IReadOnlyList<string>? some, IReading into, CancellationToken stop);
}

/// <summary>What a session tells while it reads: the witness takes it.</summary>
internal interface IReading
{
    /// <summary>One zone.</summary>
    void Zone(in ZoneFacts zone);

    /// <summary>Ends when there is room for more zones: to be awaited between pieces of a long answer, outside the timeouts for the server.</summary>
    Task RoomAsync();

    /// <summary>When the server was started, in any words that differ from start to start: for sessions that do not see its pid. Other words than before end what was claimed. Before the zones.</summary>
    void Started(string when);
}

/// <summary>A session, or why there is none.</summary>
/// <param name="Session">The session.</param>
/// <param name="Why">One line, when there is none.</param>
/// <param name="Nobody">Nobody listens there: a fact that the kernel states, not a silence.</param>
internal readonly record struct SessionOpened(IServerSession? Session, string Why, bool Nobody = false);
