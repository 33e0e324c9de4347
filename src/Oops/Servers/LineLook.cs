namespace Oops.Servers;

/// <summary>One look at a control socket of the NSD family: several commands, each on a connection of its own, all answered by one process.</summary>
internal sealed class LineLook(LineControlOptions options, LineControl first, TimeProvider time) : IAsyncDisposable
{
    readonly int? pid = first.PeerPid;
    LineControl? unused = first;
    LineControl? current;

    /// <summary>The pid of the process that listens; null over TLS, or when it cannot be seen.</summary>
    public int? PeerPid => pid;

    /// <summary>What the server said is wrong with the last command; null: nothing.</summary>
    public string? Error => current?.Error;

    /// <summary>Octets of the answer so far.</summary>
    public long Got => current?.Got ?? 0;

    /// <summary>As <see cref="LineControl.AskAsync"/>.</summary>
    public async ValueTask<string?> AskAsync(string command, LineSink sink, CancellationToken stop)
    {
        if (await NextAsync(stop) is { } unopened) return unopened;
        await using (current) return await current!.AskAsync(command, sink, stop);
    }

    /// <summary>As <see cref="LineControl.AskListAsync"/>.</summary>
    public async ValueTask<string?> AskListAsync(string command, LineSink sink, Func<Task> room, CancellationToken stop)
    {
        if (await NextAsync(stop) is { } unopened) return unopened;
        await using (current) return await current!.AskListAsync(command, sink, room, stop);
    }

    public ValueTask DisposeAsync() => unused?.DisposeAsync() ?? ValueTask.CompletedTask;

    // Null, or why there is no connection.
    async ValueTask<string?> NextAsync(CancellationToken stop)
    {
        if (unused is { } ready)
        {
            (current, unused) = (ready, null);
        }
        else
        {
            var opened = await LineControl.OpenAsync(options, time, stop);
            current = opened.Control;
            if (current is null) return opened.Why;
        }

        if (current.PeerPid == pid) return null;
        await current.DisposeAsync();
        return $"{options.Word}: another process answers now";
    }
}
