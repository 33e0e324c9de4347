using Oops.Core;
using Oops.Engine;
using Oops.Native;

namespace Oops.Tests.Sources;

/// <summary>An engine whose view of the server a test sets, and which puts what it was sent into short words.</summary>
internal sealed class SpokenEngine(TimeProvider? time = null) : IEngine
{
    readonly Lock gate = new();
    readonly List<string> said = [];
    (ServerView View, TaskCompletionSource Replaced) shown = Show(new([], false, null, 0));

    public TimeProvider Time => time ?? BootTime.Instance;

    public At Now => BootTime.Now(Time).At;

    public int? Pid
    {
        set { Replace(v => v with { Pid = value }); }
    }

    public ZoneSet Zones
    {
        set { Replace(v => v with { Zones = value }); }
    }

    public At? UnansweredSince
    {
        set { Replace(v => v with { UnansweredSince = value }); }
    }

    public ServerView Server(string name)
    {
        lock (gate) return shown.View;
    }

    /// <summary>Held, whoever sends waits.</summary>
    public ManualResetEventSlim Taking { get; } = new(true);

    /// <summary>Called with each word, by whoever sends it.</summary>
    public Action<string> Heard { get; set; } = _ => { };

    public void Send(Input input)
    {
        Taking.Wait(TimeSpan.FromSeconds(20));
        var words = Words(input);
        lock (gate) said.Add(words);
        Heard(words);
    }

    /// <summary>What was said since the last time.</summary>
    public List<string> Take()
    {
        lock (gate)
        {
            var taken = said.ToList();
            said.Clear();
            return taken;
        }
    }

    /// <summary>Waits until all these were said (among others), in this order; gives all that was said.</summary>
    public Task<List<string>> HearAsync(params string[] expected) => HearAsync(null, expected);

    /// <summary>The same, while <paramref name="meanwhile"/> goes on, as a clock that is moved.</summary>
    public async Task<List<string>> HearAsync(Action? meanwhile, params string[] expected)
    {
        var deadline = Environment.TickCount64 + 60_000;
        while (true)
        {
            lock (gate)
            {
                var at = 0;
                foreach (var word in said)
                    if (at < expected.Length && Is(word, expected[at])) at++;
                if (at == expected.Length)
                {
                    var all = said.ToList();
                    said.Clear();
                    return all;
                }

                if (Environment.TickCount64 > deadline) throw new TimeoutException($"not said: {expected[at]}; said:\n{string.Join('\n', said)}");
            }

            meanwhile?.Invoke();
            await Task.Delay(5);
        }
    }

    void Replace(Func<ServerView, ServerView> change)
    {
        TaskCompletionSource before;
        lock (gate)
        {
            before = shown.Replaced;
            shown = Show(change(shown.View));
        }

        before.SetResult();
    }

    static (ServerView View, TaskCompletionSource Replaced) Show(ServerView view)
    {
        var replaced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (view with { Version = view.Version + 1, Replaced = replaced.Task }, replaced);
    }

    // `word*` is a beginning.
    static bool Is(string word, string expected) => expected.EndsWith('*') ? word.StartsWith(expected[..^1], StringComparison.Ordinal) : word == expected;

    public static string Words(Input input) => input switch
    {
        ChannelOpened o => $"{Short(o)} opened",
        ChannelLost l => $"{Short(l)} lost: {l.Why}",
        ChannelRead r => $"{Short(r)} read",
        ServerSignal s => $"{Short(s)} {s.Measure} {Value(s.Value)}",
        ZoneSignal z => $"{Short(z)} {z.Zone} {z.Measure} {Value(z.Value)}{(z.Detail is null ? "" : $" ({z.Detail})")}",
        ZonesListed l => $"{Short(l)} list {string.Join(' ', l.Zones)}{(l.Last ? " ." : "")}",
        _ => input.ToString(),
    };

    static string Short(Signal signal) => signal.Channel[(signal.Channel.LastIndexOf('/') + 1)..];

    static string Value(long value) => value == Signal.Absent ? "absent" : value == Signal.Unsaid ? "unsaid" : value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
