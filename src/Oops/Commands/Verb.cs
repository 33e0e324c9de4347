using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json.Serialization.Metadata;
using Oops.Control;

namespace Oops.Commands;

/// <summary>What the verbs share: asking the daemon, and turning what comes into an exit code.</summary>
internal static class Verb
{
    public const int Done = 0, Failed = 1, Usage = 2, TimedOut = 3, Refused = 4, Observed = 5;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Sets what a command does; a daemon that does not answer is an exit code with the reason.</summary>
    public static Command Does(this Command command, Func<ParseResult, CancellationToken, Task<int>> run)
    {
        command.SetAction(async (parsed, stop) =>
        {
            try
            {
                return await run(parsed, stop).ConfigureAwait(false);
            }
            catch (NoDaemonException e)
            {
                Terminal.Error(e.Message);
                return e.Exit;
            }
            catch (OperationCanceledException)
            {
                return Failed;
            }
        });
        return command;
    }

    /// <summary>Asks the daemon and shows its answer: as it came, or by <paramref name="print"/>.</summary>
    public static async Task<int> ReadAsync<T>(string socket, string path, JsonTypeInfo<T> info, bool json, Func<T, int> print, CancellationToken stop)
        where T : class
    {
        using var client = new ControlClient(socket);
        var read = await client.GetAsync(path, info, stop).ConfigureAwait(false);
        if (read.Answer is not { } answer)
        {
            Terminal.Error(read.Text);
            return read.Exit;
        }

        if (json) Console.Out.WriteLine(read.Text);
        return print(answer);
    }

    public static async Task<int> PostAsync(string socket, string verb, VerbRequest request, CancellationToken stop, TimeSpan? patience = null, string? unsaid = null)
    {
        using var client = new ControlClient(socket);
        return Print(await client.PostAsync(verb, request, TimeSpan.FromSeconds(request.Wait ?? 0) + (patience ?? Patience), stop).ConfigureAwait(false), unsaid);
    }

    /// <param name="answer">What oops said.</param>
    /// <param name="unsaid">A text of a good answer that would say no more than what stands there already.</param>
    public static int Print(VerbAnswer answer, string? unsaid = null)
    {
        foreach (var line in answer.Lines) (answer.Exit == Done ? Console.Out : Console.Error).WriteLine(Terminal.Safe(line));
        if (answer.Exit != Done) Terminal.Error(answer.Text);
        else if (Tells(answer, unsaid)) Terminal.Line(answer.Text);
        return answer.Exit;
    }

    internal static bool Tells(VerbAnswer answer, string? unsaid) => answer.Exit != Done || answer.Text != unsaid;
}
