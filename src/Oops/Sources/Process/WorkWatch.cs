using Oops.Core;
using Oops.Engine;

namespace Oops.Sources.Process;

/// <summary>
/// Says whether the process set works while a probe of the server gets no answer. As long as all are answered nobody wants to know, and it costs nothing; from the first question that is not, it looks
/// often until it knows, and then seldom.
/// </summary>
internal sealed class WorkWatch(IEngine engine, string channel, TimeSpan window)
{
    static readonly TimeSpan Often = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan Seldom = TimeSpan.FromSeconds(1);

    readonly WorkSampler sampler = new(window);
    int? main;
    At? since;
    At due;
    At said;
    bool? idle;
    bool open;

    /// <summary>How long nothing need be done.</summary>
    public TimeSpan Left => main is null || since is null ? TimeSpan.MaxValue : due - engine.Now;

    /// <summary>Another main process, or none.</summary>
    public void Watch(int? pid)
    {
        sampler.Reset();
        (main, idle, due) = (pid, null, At.Zero);
        if (pid is not null || !open) return;
        open = false;
        engine.Send(new ChannelLost(channel, "no process"));
    }

    /// <param name="unanswered">Since when a probe is not answered; null: all are.</param>
    public void Turn(At? unanswered)
    {
        if (unanswered != since)
        {
            if (unanswered is null) sampler.Reset();
            (since, idle, due) = (unanswered, null, At.Zero);
        }

        if (main is not { } pid || since is not { } from || engine.Now is var now && now < due) return;
        var finding = sampler.Sample(pid, now, from);
        if (finding is null && idle == true) Retract();
        if (finding is { } found && (found.Idle != idle || now - said >= window)) Say(found, now);
        due = now + (idle is null ? Often : Seldom);
    }

    // A verdict that the last look does not bear out any more must not outlive it.
    void Retract()
    {
        engine.Send(new ChannelLost(channel, "not known to be idle any more"));
        (idle, open) = (null, false);
    }

    void Say(Finding found, At now)
    {
        if (!open) engine.Send(new ChannelOpened(channel));
        open = true;
        (idle, said) = (found.Idle, now);
        engine.Send(new ServerSignal(channel, Measure.Idle, found.Idle ? 1 : 0, Evidence.Proof, found.Detail) { For = found.Over });
        engine.Send(new ChannelRead(channel));
    }
}
