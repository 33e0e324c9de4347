using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Oops.Native;

namespace Oops.Actions.Exabgp;

/// <summary>
/// Questions to ExaBGP and its answers, by a door that is opened for one question and closed after it. One question at a time. Every failure is a sentence; the only exception is the cancellation of <c>stop</c>.
/// </summary>
internal sealed class ExabgpTalk(IExabgpDoor door, TimeSpan timeout, TimeProvider time) : IDisposable
{
    /// <summary>What the kernel writes into a pipe as a whole (PIPE_BUF): commands of several writers do not mix.</summary>
    const int WholeWrite = 4096;

    int number = RandomNumberGenerator.GetInt32(1 << 16);

    /// <summary>Where answers come from.</summary>
    public string Answers => door.Answers;

    /// <summary>Where to look when it answers `error`.</summary>
    public string Refused => door.Refused;

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

    public void Dispose() => door.Dispose();

    string Shared => $"exabgp: {door.Lost}";

    /// <summary>Writes the commands and reads lines until <paramref name="done"/>. The first write is made before anything is waited for, where the door is a pipe.</summary>
    async ValueTask<(string? Why, bool Sent)> AskAsync(IReadOnlyList<string> commands, Func<string, bool> done, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stop);
        ExabgpWay? way = null;
        try
        {
            (way, var closed) = await door.OpenAsync(either.Token);
            if (way is null) return (closed, false);
            await WriteAsync(way.Requests, commands, either.Token);
            var why = await ReadAsync(way.Replies, done, either.Token);
            way.Replies.Dispose();
            return (why, true);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (way is null ? $"exabgp: no connection within {timeout.TotalSeconds:0.###} s at {door.Answers}" : door.HasEnded() ?? $"exabgp: no complete answer within {timeout.TotalSeconds:0.###} s at {door.Answers} ({door.Silent})", way is not null);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            way?.Replies.Dispose();
            return ($"exabgp: closed {door.Requests} ({Reason.Of(e)}): it has just ended", false);
        }
        finally
        {
            way?.Requests.Dispose();
        }
    }

    static async ValueTask WriteAsync(Stream requests, IReadOnlyList<string> commands, CancellationToken stop)
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

    async ValueTask<string?> ReadAsync(Stream replies, Func<string, bool> done, CancellationToken stop)
    {
        var lines = new ExabgpLines();
        while (true)
        {
            while (lines.Next() is { } line)
                if (done(line)) return null;
            if (lines.Error is { } error) return $"exabgp: sent {error} at {door.Answers}";
            var count = await replies.ReadAsync(lines.Free(), stop);
            if (count == 0) return $"exabgp: {door.Answers} has ended";
            lines.Filled(count);
        }
    }
}

/// <summary>What telling came to.</summary>
/// <param name="Answers">One for each command; none: see why.</param>
/// <param name="Why">Not all answers came; null: they did.</param>
/// <param name="Sent">The commands may have arrived, whatever came back.</param>
internal readonly record struct ExabgpTold(IReadOnlyList<ExabgpWord> Answers, string? Why, bool Sent);
