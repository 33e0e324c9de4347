using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Oops.Core;

namespace Oops.Engine;

/// <summary>
/// Runs the machine on a thread of its own, so that from a source's <see cref="Send"/> to an action's first write there is one wake-up and no queue of the
/// thread pool. Everything else reaches the machine through <see cref="AskAsync{T}"/>.
/// </summary>
internal sealed partial class Engine : IEngine, IAsyncDisposable
{
    static readonly ServerView Nothing = new([], false, null, 0);

    sealed record Shown(ServerView View, TaskCompletionSource Replaced);

    readonly ILogger log;
    readonly Lanes lanes;
    readonly EngineLoop loop;
    readonly List<Func<Task>> rooms = [];
    readonly ConcurrentDictionary<string, Shown> views = new(StringComparer.Ordinal);
    readonly SerialBells bells = new();
    readonly BeliefBells beliefs = new();
    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile bool stopping;
    volatile bool started;
    volatile ChannelMap channels;
    IReadOnlyDictionary<string, ActionRunner> actions = ImmutableDictionary<string, ActionRunner>.Empty;

    public Engine(Policy policy, Machine machine, TimeProvider time, ILogger log)
    {
        this.log = log;
        Time = time;
        channels = new(policy);
        lanes = new(channel => channels.Siblings(channel));
        loop = new(machine, lanes, time, Act, Fault);
        loop.Taps.Add(View);
        loop.Taps.Add(beliefs.Record);
        foreach (var server in policy.Servers) Renew(server.Name, null);
    }

    public TransferTalk Transfers { get; } = new();

    public TimeProvider Time { get; }

    public At Now => loop.Now.At;

    public EngineCounters Counters => new(loop.Steps, lanes.Merged, loop.Faults, lanes.Waiting, loop.WorstLateness);

    /// <summary>Somebody answers <see cref="AskAsync{T}"/>.</summary>
    public bool IsStarted => started;

    public void Send(Input input) => lanes.Send(input);

    public void Send(ReadOnlySpan<Input> inputs) => lanes.Send(inputs);

    public async Task RoomAsync()
    {
        await lanes.RoomAsync().ConfigureAwait(false);
        foreach (var room in rooms) await room().ConfigureAwait(false);
    }

    public ServerView Server(string name) => views.GetValueOrDefault(name)?.View ?? Nothing;

    public Task NewSerial(string server) => bells.Next(server);

    public (IReadOnlyCollection<string>? Zones, long Until) NewSerials(string server, long? since) => bells.Since(server, since);

    public Task<IReadOnlyList<uint?>> Serials(string server, IReadOnlyList<string> zones) => AskAsync((machine, _) => machine.Serials(server, zones));

    public Task<IReadOnlyList<ConditionReport>> BelievedAsync(int most, IReadOnlyCollection<string> also) => AskAsync((machine, now) => machine.Believed(most, also, now));

    public Task Turned => beliefs.Turned;

    public Task Stirred => beliefs.Stirred;

    /// <summary>Asks the machine between two steps. The question must be quick: decisions wait for it.</summary>
    public Task<T> AskAsync<T>(Func<Machine, Moment, T> question)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (stopping)
        {
            answer.SetException(new OperationCanceledException("the engine has stopped"));
            return answer.Task;
        }

        lanes.Send(() =>
        {
            try
            {
                answer.SetResult(question(loop.Machine, loop.Now));
            }
            catch (Exception e)
            {
                answer.SetException(e);
            }
        });
        return answer.Task;
    }

    /// <summary>Steps with an input and then asks: nothing comes between.</summary>
    public Task<T> StepAsync<T>(Input input, Func<Machine, Moment, T> question) =>
        AskAsync((_, _) =>
        {
            loop.Step(input);
            return question(loop.Machine, loop.Now);
        });

    /// <summary>
    /// Another machine with another policy, between two steps, with its actions; the levels of the old one are its first inputs. What comes from channels that it does not
    /// know is ignored by it. <paramref name="begun"/>: told before its first step.
    /// </summary>
    public Task<bool> SwapAsync(Policy policy, Func<Machine, Moment, Machine> make, IReadOnlyDictionary<string, ActionRunner> runners, Action<Policy, Machine, Moment> begun) =>
        AskAsync((old, now) =>
        {
            var next = make(old, now);
            var levels = old.Levels(now, policy).ToList();
            channels = new(policy);
            actions = runners;
            loop.Machine = next;
            begun(policy, next, now);
            foreach (var level in levels) loop.Step(level);
            beliefs.Ring();
            foreach (var server in policy.Servers) Renew(server.Name, Server(server.Name).Pid);
            return true;
        });

    /// <summary>Before <see cref="Start"/> only.</summary>
    public void Use(IReadOnlyDictionary<string, ActionRunner> runners) => actions = runners;

    /// <summary>Before <see cref="Start"/> only: called after each step, on the machine's thread.</summary>
    /// <param name="tap">What is called.</param>
    /// <param name="room">Ends when what it was told does not crowd its own way on.</param>
    public void Add(Tap tap, Func<Task>? room = null)
    {
        loop.Taps.Add(tap);
        if (room is not null) rooms.Add(room);
    }

    public void Start()
    {
        started = true;
        var thread = new Thread(Run) { Name = "oops-machine", IsBackground = true, Priority = ThreadPriority.AboveNormal };
        thread.Start();
    }

    public async ValueTask DisposeAsync()
    {
        stopping = true;
        lanes.Wake();
        if (started) await ended.Task.ConfigureAwait(false);
    }

    void Run()
    {
        try
        {
            while (!stopping)
            {
                var wake = loop.Turn();
                lanes.Wait(wake - Now);
            }

            loop.Turn();
        }
        finally
        {
            ended.SetResult();
        }
    }

    void Act(Intent intent)
    {
        if (actions.TryGetValue(intent.Action, out var runner)) runner.Take(intent);
        else NoSuchAction(intent.Action);
    }

    void View(Moment now, Input input, IReadOnlyList<Effect> effects)
    {
        switch (input)
        {
            case ProcessStarted p when channels.Server(p.Channel) is { } server:
                if (Server(server).Pid != p.Pid) Renew(server, p.Pid);
                break;
            case ProcessGone p when channels.Server(p.Channel) is { } server:
                Renew(server, null);
                break;
            // The one word that is said all the time, while all is well: the machine's own state is only asked where that may have changed.
            case ServerSignal { Measure: Measure.Answering or Measure.Unanswered } s when channels.Server(s.Channel) is { } server:
                if (Server(server).UnansweredSince is not null || s is not { Measure: Measure.Answering, Value: 1 }) Doubt(server);
                break;
            case ChannelLost or ChannelOpened when channels.Server(((Signal)input).Channel) is { } server:
                if (Server(server).UnansweredSince is not null) Doubt(server);
                break;
            case ZoneSignal { Measure: Measure.Serial } z when bells.Any && channels.Server(z.Channel) is { } server:
                bells.Heard(server, loop.Machine.NewSerials(server), z.Zone);
                break;
            case ZonesListed { Last: true } z when channels.Server(z.Channel) is { } server:
                Renew(server, Server(server).Pid);
                break;
        }
    }

    void Doubt(string server)
    {
        if (loop.Machine.UnansweredSince(server) != Server(server).UnansweredSince) Renew(server, Server(server).Pid);
    }

    void Renew(string server, int? pid)
    {
        var zones = loop.Machine.ExpectedZones(server);
        var old = Server(server);
        var replaced = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var before = views.GetValueOrDefault(server);
        views[server] = new(new(zones.IsSame(old.Zones) ? old.Zones : zones, old.Complete || zones.Count > 0, pid, old.Version + 1) { UnansweredSince = loop.Machine.UnansweredSince(server), Replaced = replaced.Task }, replaced);
        before?.Replaced.SetResult();
    }

    void Fault(Exception e, Input input) => StepFailed(e, input.GetType().Name);

    [LoggerMessage(100, LogLevel.Critical, "a step failed on {Input}: this is a bug, please report it; decisions go on")]
    partial void StepFailed(Exception e, string input);

    [LoggerMessage(101, LogLevel.Warning, "an intent for the action {Action}, which does not exist")]
    partial void NoSuchAction(string action);
}
