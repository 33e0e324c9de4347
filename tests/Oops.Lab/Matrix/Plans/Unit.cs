using Oops.Lab.Matrix.Nodes;

namespace Oops.Lab.Matrix.Plans;

/// <summary>A server that does not say that it stops: systemd says it, of the unit that Debian ships.</summary>
internal static class Unit
{
    public static Plan Stop { get; } = new([Rows.Stopping], new() { ProbesZones = false }, async stage =>
    {
        await stage.BelievesAsync("server-running", "met");
        await stage.BelievesAsync("server-shutting-down", "not-met");
        using var ended = new CancellationTokenSource();
        var asking = stage.Truth.LastAnswerAsync(stage.Node.Probed, ended.Token);
        await Task.Delay(100);
        var asked = DateTimeOffset.UtcNow;
        await ((UnitNode)stage.Node).StopAsync();
        var seen = await stage.SeenAsync("server-shutting-down", "met", asked);
        await ended.CancelAsync();
        var last = await asking;
        var from = DateTimeOffset.UtcNow;
        await stage.Node.LaunchAsync();
        var answers = await stage.Truth.UntilAsync(stage.Node.Probed, Truth.Answered);
        return new() { [Rows.Stopping] = new(seen, await stage.SeenAsync("server-shutting-down", "not-met", from, answers), BeforeLastAnswer: asked.AddMilliseconds(seen.Ms) <= last) };
    })
    { Node = (kind, options) => new UnitNode(kind, options), Quick = true };
}
