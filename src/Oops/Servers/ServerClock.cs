using Oops.Core;

namespace Oops.Servers;

/// <summary>
/// A server's wall clock, seen from our boot-time clock: what it says of itself in each answer lies between our question and that answer. So its times need no clock of ours, and an answer that was long in the making shifts none of them.
/// </summary>
internal sealed class ServerClock
{
    // Clocks are slewed by less than this between two answers; what is more is a step.
    static readonly long Slewed = TimeSpan.FromMilliseconds(500).Ticks;

    // Our clock minus the server's, ticks: at least and at most.
    long least = long.MinValue;
    long most = long.MaxValue;

    /// <summary>How often it was seen to be set.</summary>
    public int Steps { get; private set; }

    /// <summary>Takes an answer.</summary>
    /// <param name="asked">When the question was sent.</param>
    /// <param name="answered">When the answer was there.</param>
    /// <param name="said">What the server's clock showed when it answered.</param>
    public void Take(At asked, At answered, DateTime said)
    {
        var (from, to) = (asked.Ticks - said.Ticks, answered.Ticks - said.Ticks);
        if (most != long.MaxValue && (from > most + Slewed || to < least - Slewed))
        {
            Steps++;
            (least, most) = (from, to);
        }
        else if (from > most)
        {
            (least, most) = (from, from);
        }
        else if (to < least)
        {
            (least, most) = (to, to);
        }
        else
        {
            (least, most) = (Math.Max(least, from), Math.Min(most, to));
        }
    }

    /// <summary>When the server's clock shows this time, at the latest. After the first answer only.</summary>
    public At At(DateTime wall) => new(wall.Ticks + most);
}
