using System.IO.Pipes;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Oops.Native;

namespace Oops.Actions.Exabgp;

/// <summary>
/// ExaBGP's named pipes. Both are opened for one question and closed after it: while we read the replies' pipe, the answers to others may come to us. One question at a time. Every failure is a sentence;
/// the only exception is the cancellation of <c>stop</c>.
/// </summary>
internal sealed class ExabgpPipes(string path, TimeSpan timeout, TimeProvider time) : IDisposable
{
    /// <summary>What the kernel writes into a pipe as a whole (PIPE_BUF): commands of several writers do not mix.</summary>
    const int WholeWrite = 4096;

    int number = RandomNumberGenerator.GetInt32(1 << 16);

    /// <summary>That of a question whose answer we did not wait for. ExaBGP takes no command for 50 ms after each answer that it finds no reader for, and the next one may be a withdraw: it stays open until then, unread.</summary>
    PipeStream? abandoned;

    public string Path => path;

    /// <summary>Changes. Their answers, `done` or `error`, in order; none and why when they are not all there.</summary>
    public async ValueTask<ExabgpTold> TellAsync(IReadOnlyList<string> commands, CancellationToken stop)
    {
        var mark = new ExabgpMark(number++);
        List<ExabgpWord> words = [];
        var (why, sent) = await AskAsync([.. commands, .. mark.Commands], line =>
        {
            var word = ExabgpLines.WordOf(line);
            if (word != ExabgpWord.Text) words.Add(word);
            return mark.Ends(word);
        }, stop);
        if (why is not null) return new([], why, sent);
        // What stands before them is older.
        words.RemoveRange(words.Count - mark.Length, mark.Length);
        if (words.Count > commands.Count) words.RemoveRange(0, words.Count - commands.Count);
        return words.Count == commands.Count && !words.Contains(ExabgpWord.Heading) ? new(words, null, sent) : new([], Shared, sent);
    }

    /// <summary>
    /// Questions whose answers are texts that end with `done` each. <paramref name="take"/> gets each line with its question's number, as it comes. Null, or why it was not all: then what was taken is nothing; again,
    /// when another try may help. The version, which comes first, has the number -1.
    /// </summary>
    public async ValueTask<(string? Why, bool Again)> ReadAsync(IReadOnlyList<string> questions, Action<int, string> take, CancellationToken stop)
    {
        var (begin, end) = (new ExabgpMark(number++), new ExabgpMark(number++));
        var (begun, answered, tail) = (false, 0, 0);
        var mixed = false;
        var (why, _) = await AskAsync(["version", .. begin.Commands, .. questions, .. end.Commands], line =>
        {
            var word = ExabgpLines.WordOf(line);
            if (!begun)
            {
                if (line.StartsWith("exabgp ", StringComparison.Ordinal)) take(-1, line);
                begun = begin.Ends(word);
                return false;
            }

            if (end.Ends(word)) return true;
            if (answered < questions.Count)
            {
                mixed = word is ExabgpWord.Error or ExabgpWord.Heading;
                if (word == ExabgpWord.Done) answered++;
                else take(answered, line);
            }
            else mixed = ++tail >= end.Length;

            return mixed;
        }, stop);
        if (why is not null) return (why, false);
        return mixed || answered < questions.Count ? (Shared, true) : (null, false);
    }

    public void Dispose()
    {
        abandoned?.Dispose();
        abandoned = null;
    }

    string Shared => $"exabgp: somebody else reads the answers at {path}.out, too, and has got some of them";

    /// <summary>Writes the commands and reads lines until <paramref name="done"/>. The first write is made before anything is waited for.</summary>
    async ValueTask<(string? Why, bool Sent)> AskAsync(IReadOnlyList<string> commands, Func<string, bool> done, CancellationToken stop)
    {
        var replies = NamedPipe.TryOpenToRead(path + ".out", out var errno);
        // Only now: the pipe had a reader all the time, unless there is another pipe by now.
        Dispose();
        if (replies is null) return (Say(".out", errno), false);
        abandoned = replies;
        using var requests = NamedPipe.TryOpenToWrite(path + ".in", out errno);
        if (requests is null)
        {
            Dispose();
            return (Say(".in", errno), false);
        }

        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        try
        {
            await WriteAsync(requests, commands, either.Token);
            var why = await ReadAsync(replies, done, either.Token);
            Dispose();
            return (why, true);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (HasEnded() ? Say(".in", Errno.NoDevice) : $"exabgp: no complete answer within {timeout.TotalSeconds:0.###} s at {path}.out (is it stopped, does somebody else read the answers, or is `exabgp.api.ack` false?)", true);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            Dispose();
            return ($"exabgp: closed its pipe at {path}.in ({Reason.Of(e)}): it has just ended", false);
        }
    }

    /// <summary>It was there when it was asked, and nobody reads the pipe now.</summary>
    bool HasEnded()
    {
        using var requests = NamedPipe.TryOpenToWrite(path + ".in", out var errno);
        return errno == Errno.NoDevice;
    }

    static async ValueTask WriteAsync(PipeStream requests, IReadOnlyList<string> commands, CancellationToken stop)
    {
        var whole = new StringBuilder();
        foreach (var command in commands)
        {
            if (command.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0 || command.Length >= WholeWrite) throw new ArgumentException("a command is one line, below 4096 bytes", nameof(commands));
            if (whole.Length + command.Length + 1 > WholeWrite)
            {
                await requests.WriteAsync(Encoding.ASCII.GetBytes(whole.ToString()), stop);
                whole.Clear();
            }

            whole.Append(command).Append('\n');
        }

        await requests.WriteAsync(Encoding.ASCII.GetBytes(whole.ToString()), stop);
    }

    async ValueTask<string?> ReadAsync(PipeStream replies, Func<string, bool> done, CancellationToken stop)
    {
        var lines = new ExabgpLines();
        while (true)
        {
            while (lines.Next() is { } line)
                if (done(line)) return null;
            if (lines.Error is { } error) return $"exabgp: sent {error} at {path}.out";
            var count = await replies.ReadAsync(lines.Free(), stop);
            if (count == 0) return $"exabgp: {path}.out has ended";
            lines.Filled(count);
        }
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

/// <summary>What telling came to.</summary>
/// <param name="Answers">One for each command; none: see why.</param>
/// <param name="Why">Not all answers came; null: they did.</param>
/// <param name="Sent">The commands may have arrived, whatever came back.</param>
internal readonly record struct ExabgpTold(IReadOnlyList<ExabgpWord> Answers, string? Why, bool Sent);
