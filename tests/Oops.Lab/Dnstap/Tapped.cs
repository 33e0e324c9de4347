using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Oops.Core;
using Oops.Engine;
using Oops.Lab.Harness;
using Oops.Native;
using Oops.Sources.Dnstap;
using Oops.Wire.Dns;

namespace Oops.Lab.Dnstap;

/// <summary>A dnstap source that listens for a real server, and the machine that believes what it says: three conditions on load.</summary>
internal sealed class Tapped : IEngine, IAsyncDisposable
{
    public const string Busy = "busy", Rising = "rising", Errors = "errors";

    /// <summary>Far above what a resting server gets, and far below what a busy test machine manages.</summary>
    public const int Threshold = 10;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Lock gate = new();
    readonly Machine machine;
    readonly List<Effect> effects = [];
    readonly DnstapTarget target;
    CancellationTokenSource stop = new();
    Task running = Task.CompletedTask;
    DnstapSource source;
    ErrorRates? heard;

    /// <param name="target">Where it listens.</param>
    /// <param name="codes">INFO-CODEs of the condition on errors.</param>
    public Tapped(DnstapTarget target, params int[] codes)
    {
        this.target = target with { Window = TimeSpan.FromSeconds(2), SlopeWindow = TimeSpan.FromSeconds(6), Again = TimeSpan.FromMilliseconds(100) };
        source = new(this.target);
        machine = new(new Policy
        {
            Mode = Mode.Observe,
            Servers = [new("ns1")],
            Channels = source.Covers,
            Conditions =
            [
                new KindSpec(Busy, Kind.QueryRateHigh) { Number = Threshold, Clear = 2 },
                new KindSpec(Rising, Kind.QueryRateRising) { Number = 2, Clear = 1 },
                new KindSpec(Errors, Kind.ExtendedError) { Number = 5, Clear = 1, Codes = new([.. codes.Order()]) },
            ],
        });
    }

    public TimeProvider Time => BootTime.Instance;

    public At Now => BootTime.Now(Time).At;

    public DnstapCounts Counts => source.Counts;

    public ServerView Server(string name) => new([], false, null, 0);

    public void Send(Input input)
    {
        lock (gate)
        {
            if (input is ErrorRates rates) heard = rates;
            effects.Clear();
            machine.Step(BootTime.Now(Time), input, effects);
        }
    }

    public async Task StartAsync()
    {
        running = source.RunAsync(this, stop.Token);
        await Wait.UntilAsync("the source listens", () => source.Listening is not null, state: Words);
    }

    /// <summary>As when oops is restarted.</summary>
    public async Task RestartAsync()
    {
        await EndAsync();
        stop = new();
        source = new(target);
        await StartAsync();
    }

    public State State(string condition) => Report(condition).State;

    public string Because(string condition) => Report(condition).Because;

    /// <summary>A server is connected, and its first window is over. Asked now and then: libfstrm, which all but Unbound use, connects when there is something to send.</summary>
    public async Task MeasuredAsync(int port, string name, LabProcess server)
    {
        using var asking = new CancellationTokenSource();
        var asker = AskAsync(port, name, TimeSpan.FromMilliseconds(300), 1, asking.Token);
        try
        {
            await IsAsync(Oops.Core.State.NotMet, server, Busy);
        }
        finally
        {
            await asking.CancelAsync();
            await asker.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public async Task IsAsync(State state, LabProcess server, params string[] conditions)
    {
        foreach (var condition in conditions)
            await Wait.UntilAsync($"{condition} is {state}", () => State(condition) == state, Patience, state: () => $"{Words()}\n{server.Tail()}");
    }

    /// <summary>How the last errors that were met were said.</summary>
    public string LastErrors { get; private set; } = "";

    /// <summary>Waits until each of these has been met once, while it is asked for the name.</summary>
    public async Task MetWhileAskedAsync(int port, string name, LabProcess server, params string[] conditions)
    {
        using var asking = new CancellationTokenSource();
        var asker = AskAsync(port, name, TimeSpan.FromMilliseconds(50), 10, asking.Token);
        var met = new HashSet<string>();
        try
        {
            await Wait.UntilAsync($"{string.Join(", ", conditions)} are met", () =>
            {
                met.UnionWith(conditions.Where(c => State(c) == Oops.Core.State.Met));
                if (State(Errors) == Oops.Core.State.Met) LastErrors = Because(Errors);
                return met.Count == conditions.Length;
            }, Patience, state: () => $"met: {string.Join(", ", met)}\n{Words()}\n{Heard()}\n{server.Tail()}");
        }
        finally
        {
            await asking.CancelAsync();
            await asker.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The errors that were said last, whatever their code.</summary>
    string Heard()
    {
        lock (gate) return heard is null ? "no errors were said" : string.Join(", ", heard.Codes);
    }

    /// <summary>So many queries with EDNS every so often, each for a name of its own, which stands for the `%`.</summary>
    static async Task AskAsync(int port, string name, TimeSpan every, int times, CancellationToken stop)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(IPAddress.Loopback, port, stop);
        using var timer = new PeriodicTimer(every);
        for (var n = 0; await timer.WaitForNextTickAsync(stop);)
        {
            for (var i = 0; i < times; i++) await SendAsync(socket, Query(name.Replace("%", $"n{n++}", StringComparison.Ordinal), (ushort)n), stop);
        }
    }

    static async Task SendAsync(Socket socket, byte[] query, CancellationToken stop)
    {
        try
        {
            await socket.SendAsync(query, stop);
        }
        catch (SocketException)
        {
            // Port unreachable: the server is being restarted.
        }
    }

    public static byte[] Query(string name, ushort id)
    {
        if (!DnsName.TryParse(name, out var asked)) throw new ArgumentException(name);
        // RD, one question for an A, one OPT with 1232 octets.
        return [(byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, .. asked.Wire, 0, 1, 0, 1, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];
    }

    public string Words()
    {
        lock (gate)
        {
            var now = BootTime.Now(Time);
            var channel = machine.Status(now).Channels.Single();
            var counts = string.Join(", ", source.Counted.Where(c => c.Value != 0).Select(c => $"{c.Name} {c.Value}"));
            return $"channel {(channel.Open ? "open" : channel.Why)}; {string.Join("; ", ((string[])[Busy, Rising, Errors]).Select(c => $"{c} {machine.Condition(c, "ns1", null, now)!.State}: {machine.Condition(c, "ns1", null, now)!.Because}"))}; {counts}";
        }
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    ConditionReport Report(string condition)
    {
        lock (gate)
        {
            var now = BootTime.Now(Time);
            // As the engine's loop would.
            if (machine.NextDeadline <= now.At) machine.Step(now, Tick.Instance, effects);
            return machine.Condition(condition, "ns1", null, now)!;
        }
    }

    async Task EndAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }
}
