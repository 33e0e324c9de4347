namespace Oops.Dns;

/// <summary>Connections in the order in which they were last heard, each of which may be quiet for the same time: the first one is the next whose time is over.</summary>
internal sealed class QuietList(TimeSpan limit, TimeProvider time)
{
    StreamCaller? last;

    /// <summary>It was quiet longest.</summary>
    public StreamCaller? First { get; private set; }

    public int Count { get; private set; }

    /// <summary>Until the first one's time is over; null: there is none.</summary>
    public TimeSpan? Left => First is null ? null : limit - time.GetElapsedTime(First.Since);

    /// <summary>Puts it at the end, wherever it was.</summary>
    public void Heard(StreamCaller caller)
    {
        caller.List?.Remove(caller);
        caller.List = this;
        caller.Since = time.GetTimestamp();
        caller.Before = last;
        if (last is null)
            First = caller;
        else
            last.Behind = caller;
        last = caller;
        Count++;
    }

    public void Remove(StreamCaller caller)
    {
        if (caller.Before is null)
            First = caller.Behind;
        else
            caller.Before.Behind = caller.Behind;
        if (caller.Behind is null)
            last = caller.Before;
        else
            caller.Behind.Before = caller.Before;
        caller.List = null;
        caller.Before = null;
        caller.Behind = null;
        Count--;
    }
}
