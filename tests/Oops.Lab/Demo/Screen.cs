using System.Diagnostics;
using System.Globalization;
using Oops.Lab.Harness;

namespace Oops.Lab.Demo;

/// <summary>The timeline on the terminal: seconds since the start, who, what.</summary>
internal sealed class Screen
{
    readonly Stopwatch watch = Stopwatch.StartNew();
    readonly bool colour = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null;
    readonly Lock gate = new();

    public TimeSpan Elapsed => watch.Elapsed;

    public void Title(string text) => Write("\n" + Paint("1", text) + "\n");

    public void Plain(string text) => Write(text + "\n");

    /// <summary>One line of the timeline.</summary>
    public void Line(string who, string text, string colour = "0") =>
        Write(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds,7:0.000} s  {Paint(colour, who.PadRight(9))} {text}\n"));

    /// <summary>What a command printed, indented.</summary>
    public void Quote(string command, string text, int most)
    {
        string[] lines = text.Split('\n');
        Line("$", command, "36");
        foreach (string line in lines.Where(l => l.Length > 0).Take(most))
            Write("                     " + Paint("2", line.TrimEnd()) + "\n");
        if (lines.Count(l => l.Length > 0) > most)
            Write("                     " + Paint("2", "...") + "\n");
    }

    string Paint(string code, string text) => colour && code != "0" ? $"\e[{code}m{text}\e[0m" : text;

    void Write(string text)
    {
        lock (gate)
            Console.Out.Write(text);
    }
}

/// <summary>Shows each change of the upstream's table as it comes: what the world sees.</summary>
internal sealed class UpstreamWatch(UpstreamBird upstream, Screen screen) : IAsyncDisposable
{
    readonly CancellationTokenSource stop = new();
    Task task = Task.CompletedTask;

    public void Start() => task = WatchAsync();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await task;
        stop.Dispose();
    }

    async Task WatchAsync()
    {
        var shown = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                IReadOnlyList<UpstreamRoute> table = await upstream.TableAsync();
                foreach (UpstreamRoute route in table)
                {
                    string text = $"{route.Prefix} path {string.Join(' ', route.Path)}{(route.GracefulShutdown ? ", community 65535:0 graceful-shutdown" : "")}";
                    if (shown.GetValueOrDefault(route.Prefix) != text)
                        screen.Line("upstream", "+ " + text, "32");
                    shown[route.Prefix] = text;
                }
                foreach (string gone in shown.Keys.Except(table.Select(r => r.Prefix)).ToList())
                {
                    screen.Line("upstream", "- " + gone + " withdrawn", "31");
                    shown.Remove(gone);
                }
                await Task.Delay(20, stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
            {
            }
        }
    }
}
