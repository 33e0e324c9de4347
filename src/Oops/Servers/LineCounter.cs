using System.Text;
using Oops.Wire.Text;

namespace Oops.Servers;

/// <summary>Reads a counter with `stats_noreset`; never with `stats`, which resets it for everybody.</summary>
/// <param name="options">The control socket.</param>
/// <param name="counter">Its name, as `num.queries`.</param>
/// <param name="time">The clock of the timeouts.</param>
internal sealed class LineCounter(LineControlOptions options, string counter, TimeProvider time)
{
    readonly byte[] name = Encoding.ASCII.GetBytes(counter);

    public async ValueTask<CounterReading> ReadAsync(CancellationToken stop)
    {
        var opened = await LineControl.OpenAsync(options, time, stop);
        if (opened.Control is not { } control) return new(null, opened.Why);
        await using (control)
        {
            long? count = null;
            var failed = await control.AskAsync("stats_noreset", Sink, stop);
            if (failed is not null) return new(null, failed);
            return count is null ? new(null, $"{options.Word}: no {counter} in its statistics") : new(count);

            string? Sink(ReadOnlySpan<byte> line)
            {
                count ??= ControlText.Counter(line, name);
                return null;
            }
        }
    }
}
