using Oops.Lab.Harness;

namespace Oops.Lab.Matrix.Plans;

/// <summary>The process: killed and started again, asked to stop, stopped.</summary>
internal static class Life
{
    public static Plan Crash { get; } = new([Rows.Crashed, Rows.Running], new(), async stage =>
    {
        await SettledAsync(stage);
        var killed = DateTimeOffset.UtcNow;
        stage.Node.Process.Signal(LabProcess.KillNow);
        var crashed = await stage.SeenAsync("server-crashed", "met", killed);
        var gone = await stage.SeenAsync("server-running", "not-met", killed);
        await stage.Node.Process.EndAsync(signal: 0);
        var (from, answers) = await StartAsync(stage);
        var running = await stage.SeenAsync("server-running", "met", from, answers);
        return new()
        {
            [Rows.Crashed] = new(crashed, await stage.SeenAsync("server-crashed", "not-met", from, answers)),
            [Rows.Running] = new(running, gone),
        };
    })
    { Quick = true };

    public static Plan Stop { get; } = new([Rows.Stopping], new(), StopAsync) { Quick = true };

    public static Plan Hang { get; } = new([Rows.Hung], new(), async stage =>
    {
        await SettledAsync(stage);
        // At any phase of the probes.
        await Task.Delay(TimeSpan.FromMilliseconds(500 + Random.Shared.Next(1000)));
        var stopped = DateTimeOffset.UtcNow;
        stage.Node.SignalAll(LabProcess.Stop);
        var down = await stage.SeenAsync("server-down", "met", stopped);
        var goes = DateTimeOffset.UtcNow;
        stage.Node.SignalAll(LabProcess.Cont);
        return new() { [Rows.Hung] = new(down, await stage.SeenAsync("server-down", "not-met", goes)) };
    });

    /// <summary>It is asked without a pause meanwhile: what is known of a stop before the last answer is known in time.</summary>
    public static async Task<Dictionary<string, Turn>> StopAsync(Stage stage)
    {
        await SettledAsync(stage);
        using var ended = new CancellationTokenSource();
        var asking = stage.Truth.LastAnswerAsync(stage.Node.Probed, ended.Token);
        await Task.Delay(100);
        var asked = DateTimeOffset.UtcNow;
        await stage.Node.StopAsync();
        var seen = await stage.SeenAsync("server-shutting-down", "met", asked);
        await ended.CancelAsync();
        var last = await asking;
        var (from, answers) = await StartAsync(stage);
        return new() { [Rows.Stopping] = new(seen, await stage.SeenAsync("server-shutting-down", "not-met", from, answers), BeforeLastAnswer: asked.AddMilliseconds(seen.Ms) <= last) };
    }

    /// <summary>Starts it again; gives when, and when it first answered.</summary>
    static async Task<(DateTimeOffset From, DateTimeOffset Answers)> StartAsync(Stage stage)
    {
        var from = DateTimeOffset.UtcNow;
        await stage.Node.LaunchAsync();
        return (from, await stage.Truth.UntilAsync(stage.Node.Probed, Truth.Answered));
    }

    static async Task SettledAsync(Stage stage)
    {
        await stage.BelievesAsync("server-running", "met");
        await stage.BelievesAsync("server-crashed", "not-met");
        // Unknown of a server of which only messengers tell, that has said nothing since oops listens.
        await stage.BelievesAsync("server-shutting-down", "not-met", "unknown");
    }
}
