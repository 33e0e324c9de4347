using Oops.Core;

namespace Oops.Engine;

/// <summary>Whether the wall clock is to be believed: synchronised, and not stepped within the last hour. It looks at each step, so an idle daemon looks as rarely.</summary>
internal sealed class ClockWatch(IEngine engine, Func<bool> isSynchronised)
{
    /// <summary>More than any slewing between two steps of the machine (500 ppm over 30 s are 15 ms).</summary>
    static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan Memory = TimeSpan.FromHours(1);
    static readonly TimeSpan Look = TimeSpan.FromSeconds(30);

    TimeSpan? offset;
    At lookAt = At.Zero;
    At trustedFrom = At.Zero;
    string why = "";
    bool? told;

    /// <summary>A tap of the engine.</summary>
    public void Record(Moment now, Input input, IReadOnlyList<Effect> effects)
    {
        var difference = new TimeSpan(now.Wall.UtcTicks - now.At.Ticks);
        var moved = offset is { } before ? difference - before : TimeSpan.Zero;
        offset = difference;

        // While we catch up after a pause, the boot-time clock of a step stands still on purpose.
        if (input is not Shed && moved.Duration() > Step && engine.Now - now.At < Step)
        {
            trustedFrom = now.At + Memory;
            why = $"it was stepped by {moved.TotalSeconds.ToString("+0.0;-0.0", System.Globalization.CultureInfo.InvariantCulture)} s within the last hour";
            lookAt = At.Zero;
        }

        if (now.At < lookAt) return;
        lookAt = now.At + Look;
        var stepped = now.At < trustedFrom;
        var trusted = !stepped && isSynchronised();
        if (told == trusted) return;
        told = trusted;
        engine.Send(new ClockTrust(trusted, trusted ? "synchronised" : stepped ? why : "nothing synchronises it"));
    }
}
