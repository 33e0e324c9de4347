using System.Diagnostics;

namespace Oops.Lab.Harness;

/// <summary>Waiting for the outside world: sleeping polls with a deadline, never a fixed sleep and never a busy loop.</summary>
internal static class Wait
{
    public static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);

    /// <summary>Polls until the condition holds and gives the time it took; throws with <paramref name="what"/> and the last state seen at the deadline.</summary>
    public static async Task<TimeSpan> UntilAsync(string what, Func<Task<bool>> condition, TimeSpan? deadline = null, TimeSpan? step = null, Func<string>? state = null, CancellationToken stop = default)
    {
        var watch = Stopwatch.StartNew();
        TimeSpan limit = deadline ?? Ten;
        while (true)
        {
            if (await condition())
                return watch.Elapsed;
            if (watch.Elapsed > limit)
                throw new TimeoutException($"not within {limit.TotalSeconds:0.#} s: {what}{(state is null ? "" : "\n" + state())}");
            await Task.Delay(step ?? TimeSpan.FromMilliseconds(10), stop);
        }
    }

    public static Task<TimeSpan> UntilAsync(string what, Func<bool> condition, TimeSpan? deadline = null, TimeSpan? step = null, Func<string>? state = null, CancellationToken stop = default) =>
        UntilAsync(what, () => Task.FromResult(condition()), deadline, step, state, stop);

    /// <summary>Throws if the condition ends at any look during the span: "nothing moves for 10 s".</summary>
    public static async Task StaysAsync(string what, Func<Task<bool>> condition, TimeSpan span, TimeSpan? step = null, CancellationToken stop = default)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < span)
        {
            if (!await condition())
                throw new TimeoutException($"ended after {watch.Elapsed.TotalSeconds:0.000} s instead of staying {span.TotalSeconds:0.#} s: {what}");
            await Task.Delay(step ?? TimeSpan.FromMilliseconds(20), stop);
        }
    }
}
