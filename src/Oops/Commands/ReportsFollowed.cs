using System.Globalization;
using Oops.Control;

namespace Oops.Commands;

/// <summary>`oops reports --follow`: asks every two seconds for what was stored since. It goes on over a restart of the daemon, and says so; it ends with Ctrl-C, and when nobody reads its output.</summary>
internal static class ReportsFollowed
{
    const int Page = 5000;

    static readonly TimeSpan Every = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(string socket, string filter, bool json, TextWriter to, TimeProvider time, CancellationToken stop)
    {
        using var client = new ControlClient(socket);
        // What is stored already is not asked for: only how far that is.
        long? after = null;
        var troubled = false;
        try
        {
            while (true)
            {
                var (answer, why, exit) = await AskAsync(client, filter, after, stop).ConfigureAwait(false);
                if (answer is null)
                {
                    if (!troubled) Terminal.Error(after is null ? why : $"{why}; asked again until it answers");
                    if (after is null) return exit;
                }
                else
                {
                    if (troubled) Terminal.Error("oops answers again");
                    foreach (var report in answer.Reports) await to.WriteLineAsync(json ? ReportsCommand.Line(report) : ReportsText.Line(report)).ConfigureAwait(false);
                    after = answer.Next;
                }
                troubled = answer is null;
                if (answer?.Reports.Length != Page) await Task.Delay(Every, time, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Verb.Done;
        }
        catch (IOException)
        {
            // Whoever read it has seen enough.
            return Verb.Done;
        }
    }

    static async Task<(ReportsAnswer? Answer, string Why, int Exit)> AskAsync(ControlClient client, string filter, long? after, CancellationToken stop)
    {
        try
        {
            var path = string.Create(CultureInfo.InvariantCulture, $"/reports?by=hour&after={after ?? long.MaxValue}&limit={Page}{filter}");
            var read = await client.GetAsync(path, ControlJson.Default.ReportsAnswer, stop).ConfigureAwait(false);
            return (read.Answer, read.Text, read.Exit);
        }
        catch (NoDaemonException e)
        {
            return (null, e.Message, e.Exit);
        }
    }
}
