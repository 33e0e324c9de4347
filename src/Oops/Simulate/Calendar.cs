using System.Globalization;

namespace Oops.Simulate;

/// <summary>What is going to happen, in the order of time, and what of it was written down. Milliseconds.</summary>
internal sealed class Calendar
{
    readonly PriorityQueue<Action, (long At, int Order)> due = new();
    readonly List<string> lines = [];
    int order;

    public long Now { get; private set; }

    public IReadOnlyList<string> Lines => lines;

    public void In(long span, Action what) => due.Enqueue(what, (Now + span, order++));

    public void Write(string what) => lines.Add(string.Create(CultureInfo.InvariantCulture, $"at {Now / 1000}.{Now % 1000:000}s {what}"));

    public void Live(long end)
    {
        while (due.TryDequeue(out var what, out var at) && at.At <= end)
        {
            Now = at.At;
            what();
        }
    }
}
