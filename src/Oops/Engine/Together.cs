namespace Oops.Engine;

/// <summary>The tasks of one source. None ends by itself: one that does was stopped, or has a bug, and then the others must not go on alone.</summary>
internal static class Together
{
    /// <summary>Runs them until <paramref name="stop"/>, or until one of them ends or throws; then the others are stopped too, and what was thrown is thrown.</summary>
    public static async Task RunAsync(CancellationToken stop, params IReadOnlyList<Func<CancellationToken, Task>> parts)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task[] tasks = [.. parts.Select(p => p(all.Token))];
        await Task.WhenAny(tasks).ConfigureAwait(false);
        await all.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(tasks).ConfigureAwait(false);
    }
}
