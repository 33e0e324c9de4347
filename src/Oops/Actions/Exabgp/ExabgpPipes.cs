using System.IO.Pipes;
using Oops.Native;

namespace Oops.Actions.Exabgp;

/// <summary>ExaBGP's named pipes. Both are opened for one question and closed after it: while we read the replies' pipe, the answers to others may come to us.</summary>
internal sealed class ExabgpPipes(string path) : IExabgpDoor
{
    /// <summary>That of a question whose answer we did not wait for. ExaBGP takes no command for 50 ms after each answer that it finds no reader for, and the next one may be a withdraw: it stays open until then, unread.</summary>
    PipeStream? last;

    public string Requests => $"its pipe at {path}.in";

    public string Answers => $"{path}.out";

    public string Refused => "its log says why";

    public string Silent => "is it stopped, does somebody else read the answers, or is `exabgp.api.ack` false?";

    public string Lost => $"somebody else reads the answers at {path}.out, too, and has got some of them";

    public ValueTask<(ExabgpWay? Way, string? Why)> OpenAsync(CancellationToken stop)
    {
        var replies = NamedPipe.TryOpenToRead(path + ".out", out var errno);
        // Only now: the pipe had a reader all the time, unless there is another pipe by now.
        Dispose();
        if (replies is null) return new((null, Say(".out", errno)));
        last = replies;
        if (NamedPipe.TryOpenToWrite(path + ".in", out errno) is { } requests) return new((new(requests, replies), null));
        Dispose();
        return new((null, Say(".in", errno)));
    }

    public string? HasEnded()
    {
        using var requests = NamedPipe.TryOpenToWrite(path + ".in", out var errno);
        return errno == Errno.NoDevice ? Say(".in", errno) : null;
    }

    public void Dispose()
    {
        last?.Dispose();
        last = null;
    }

    string Say(string ending, int errno) => $"exabgp: {path}{ending}: " + errno switch
    {
        Errno.NoDevice => "nobody reads it (ExaBGP is not running, or without named pipes)",
        Errno.NoEntry => "no such pipe (ExaBGP is not running, or without named pipes)",
        Errno.AccessDenied => "permission denied (oops must read and write both pipes: see the page of `exabgp`)",
        Errno.NotPipe => "is not a named pipe",
        _ => Reason.Of(errno),
    };
}
