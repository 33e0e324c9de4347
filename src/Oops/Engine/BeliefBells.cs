using Oops.Core;

namespace Oops.Engine;

/// <summary>
/// Rings for those who publish what is believed. They read it from the machine themselves, when they are ready to: so nothing waits for them, each of them sends the newest states only, and what they missed takes no memory.
/// </summary>
internal sealed class BeliefBells
{
    readonly Bell turned = new(), stirred = new();

    public Task Turned => turned.Next;

    public Task Stirred => stirred.Next;

    /// <summary>A tap of the engine.</summary>
    public void Record(Moment now, Input input, IReadOnlyList<Effect> effects)
    {
        foreach (var effect in effects)
            if (effect is ConditionChanged)
            {
                turned.Ring();
                break;
            }

        // What is said all the time while all is well moves no zone.
        if (input is not (ServerSignal or Applied or RouterObserved or UpstreamObserved)) stirred.Ring();
    }

    /// <summary>All may be otherwise. On the machine's thread.</summary>
    public void Ring()
    {
        turned.Ring();
        stirred.Ring();
    }

    sealed class Bell
    {
        volatile TaskCompletionSource? next;

        public Task Next
        {
            get
            {
                while (true)
                {
                    if (next is { } waiting) return waiting.Task;
                    var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    if (Interlocked.CompareExchange(ref next, made, null) is null) return made.Task;
                }
            }
        }

        /// <summary>Nothing where nobody listens.</summary>
        public void Ring()
        {
            if (next is not null) Interlocked.Exchange(ref next, null)?.SetResult();
        }
    }
}
