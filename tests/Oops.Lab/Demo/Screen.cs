using System.Diagnostics;
using System.Globalization;
using Oops.Lab.Harness;

namespace Oops.Lab.Demo;

/// <summary>The timeline on the terminal: seconds since the start, who, what.</summary>
internal sealed class Screen
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly bool _colour = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null;
    private readonly Lock _lock = new();

    public TimeSpan Elapsed => _watch.Elapsed;

    public void Title(string text) => Write("\n" + Paint("1", text) + "\n");

    public void Plain(string text) => Write(text + "\n");

    /// <summary>One line of the timeline.</summary>
    public void Line(string who, string text, string colour = "0") =>
        Write(string.Create(CultureInfo.InvariantCulture, $"{_watch.Elapsed.TotalSeconds,7:0.000} s  {Paint(colour, who.PadRight(9))} {text}\n"));

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

    private string Paint(string code, string text) => _colour && code != "0" ? $"\e[{code}m{text}\e[0m" : text;

    private void Write(string text)
    {
        lock (_lock)
            Console.Out.Write(text);
    }
}

/// <summary>Shows each change of the upstream's table as it comes: what the world sees.</summary>
internal sealed class UpstreamWatch(UpstreamBird upstream, Screen screen) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _task = Task.CompletedTask;

    public void Start() => _task = WatchAsync();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _task;
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        var shown = new Dictionary<string, string>(StringComparer.Ordinal);
        while (!_stop.IsCancellationRequested)
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
                await Task.Delay(20, _stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or InvalidOperationException)
            {
            }
        }
    }
}
