using System.Globalization;
using Oops.Bus;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Servers;
using Oops.Wire.Bus;

namespace Oops.Actions.Mqtt;

/// <summary>Publishes all that is believed, and what rules fire for.</summary>
internal sealed class MqttAction(MqttConfig config, string site, string node, Func<string, string?> parameterOf, Func<string, string> kindOf) : IAction, IDisposable
{
    /// <summary>What moves zones alone is gathered for so long; a condition of a server waits for nothing but the last look.</summary>
    static readonly TimeSpan Gather = TimeSpan.FromSeconds(1), Gap = TimeSpan.FromMilliseconds(20), Farewell = TimeSpan.FromSeconds(1);

    static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    /// <summary>Who loses a connection sooner than this is not tried again at once: what ends it may be what we say.</summary>
    static readonly TimeSpan Steady = TimeSpan.FromMinutes(1);

    /// <summary>The longest without a look; and a restart of the machine, at a reload, drops alarms that nobody tells again for a minute.</summary>
    static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10), Reminder = TimeSpan.FromSeconds(30);

    const int FirstReason = 0x80;

    // What is said of a subject is said in the order in which it was seen.
    readonly SemaphoreSlim speaking = new(1);

    IEngine? engine;
    BusVoice? voice;
    readonly MqttSaid said = new(Math.Max(100, 2 * config.Exceptions));
    volatile MqttSession? session;
    long published, connections;
    volatile string down = "it is not connected yet";

    public string Name => config.Name;

    public int Parallel => 16;

    public TimeSpan ApplyTimeout => config.Timeout + Slack;

    public IReadOnlyList<(string By, SourceCount Count)> Counted =>
    [
        .. new[]
        {
            new SourceCount("connected", "1: the connection to the broker stands.", session is null ? 0 : 1, SourceCountKind.Level),
            new SourceCount("insecure", "1: it is on another host, without TLS.", config.Insecure ? 1 : 0, SourceCountKind.Level),
            new SourceCount("connections", "Connections to the broker that stood.", Interlocked.Read(ref connections)),
            new SourceCount("published", "Signals given to the broker.", Interlocked.Read(ref published)),
        }.Select(c => ($"mqtt/{Name}", c)),
    ];

    public void Dispose() => speaking.Dispose();

    public async Task RunAsync(IEngine engine, CancellationToken stop)
    {
        this.engine = engine;
        Volatile.Write(ref voice, new(site, node, parameterOf, kindOf, 3 * config.Republish, engine.Time));
        var backoff = new Backoff();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var why = await ConnectAsync(engine, voice!, backoff, stop).ConfigureAwait(false);
                down = $"{config.Place}: {why}";
                Tell(engine, new Retry(down));
                await Task.Delay(backoff.Next(), engine.Time, stop).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }

    /// <summary>Who has read it there cannot be read back.</summary>
    public ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop) => ValueTask.FromResult<Input?>(null);

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not ReactionIntent reaction) return new Failed($"{Name} publishes signals; it carries no routes");
        if (session is not { } open || Volatile.Read(ref voice) is not { } speaker) return new Retry(down);
        var (taken, topic, otherwise) = await SayAsync(open, speaker, reaction, stop).ConfigureAwait(false);
        if (taken is null) return otherwise;
        var code = await taken.WaitAsync(stop).ConfigureAwait(false);
        if (open.Ended.IsCompleted && code != 0) return new Retry(down);
        if (code < FirstReason) return new Done(topic);
        var why = $"{config.Place} does not take {topic}: {Mosquitto.Reason(code, connecting: false).ToLowerInvariant()}";
        return IsForNow(code) ? new Retry(why) : new Failed(why);
    }

    // Unspecified (and what went wrong here), one of the implementation's, unavailable, busy, over a quota; others are of the message, or of who may write it.
    static bool IsForNow(int code) => code is 0x80 or 0x83 or 0x88 or 0x89 or 0x97;

    /// <summary>A level goes out as the rule fired for it. Of a state the present one does: this may be tried late, and the topic has the last word.</summary>
    async Task<(Task<int>? Taken, string Topic, Outcome Else)> SayAsync(MqttSession open, BusVoice speaker, ReactionIntent reaction, CancellationToken stop)
    {
        await speaking.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            BusSignal signal;
            if (Kinds.Find(kindOf(reaction.Condition)) is { Polarity: Polarity.Level })
            {
                signal = speaker.Of(reaction);
            }
            else
            {
                if (reaction.Zone is not { } zone) return (null, "", new Done("its state is published anyway"));
                if (await engine!.BelievedAsync(-1, [$"condition/{reaction.Condition}/{reaction.Server}/{zone}"]).ConfigureAwait(false) is not [var now]) return (null, "", new Done("nobody watches it any more"));
                signal = speaker.Of(now);
                said.Note(now);
            }

            if (BusRules.Fault(signal) is { } fault) return (null, "", new Failed($"no signal can be made of it: {fault}"));
            var message = Message(signal);
            var taken = await open.PublishAsync(message, stop).ConfigureAwait(false);
            if (taken is not null) Interlocked.Increment(ref published);
            return (taken, message.Topic, new Retry(down));
        }
        finally
        {
            speaking.Release();
        }
    }

    /// <summary>From the beginning of a connection to its end, and why it has ended.</summary>
    async Task<string> ConnectAsync(IEngine engine, BusVoice speaker, Backoff backoff, CancellationToken stop)
    {
        var (password, problem) = config.Password is { } file ? SecretFile.Read(file) : (null, "");
        if (problem.Length > 0) return problem;
        var will = speaker.Publisher(BusState.NotMet, "the broker has lost it");
        if (BusRules.Fault(will) is { } fault) return $"no signal can be made with this site and node: {fault}";
        var options = new MosquittoOptions(config.ClientId ?? $"oops-{node}-{Name}-{BusVoice.Mark(site, node, System.Net.Dns.GetHostName())}", config.IsFive)
        {
            User = config.User,
            Password = password,
            Tls = config.Tls is not null,
            Authorities = config.Tls?.Ca,
            Certificate = config.Tls?.Certificate,
            Key = config.Tls?.Key,
        };
        var (opened, why) = await MqttSession.OpenAsync(config, options, Message(will), engine.Time, late => Tell(engine, new Retry(down = $"{config.Place}: {late}")), stop).ConfigureAwait(false);
        if (opened is null) return why;
        var since = engine.Now;
        await using (opened.ConfigureAwait(false))
        {
            Interlocked.Increment(ref connections);
            try
            {
                await opened.PublishAsync(Message(speaker.Publisher(BusState.Met, "connected")), stop).ConfigureAwait(false);
                session = opened;
                Tell(engine, Outcome.Done);
                return await SpeakAsync(engine, speaker, opened, stop).ConfigureAwait(false);
            }
            finally
            {
                session = null;
                if (engine.Now - since > Steady) backoff.Reset();
                if (stop.IsCancellationRequested) await LeaveAsync(speaker, opened, engine.Time).ConfigureAwait(false);
            }
        }
    }

    async Task<string> SpeakAsync(IEngine engine, BusVoice speaker, MqttSession open, CancellationToken stop)
    {
        // All of it first: what was under way when the last connection ended may be lost.
        var (again, remind, retry) = (engine.Now, engine.Now, engine.Now);
        var waits = new Backoff();
        while (true)
        {
            // Asked for before one looks.
            var (turned, stirred) = (engine.Turned, engine.Stirred);
            var all = engine.Now >= again;
            if (all) again = engine.Now + config.Republish;
            if (engine.Now >= retry && said.Retry()) retry = engine.Now + waits.Next();
            if (!await LookAsync(engine, speaker, open, all, stop).ConfigureAwait(false)) return open.Ended.Result;
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var due = Task.Delay(Longer(Shorter(again - engine.Now, Quiet), Gap), engine.Time, over.Token);
            await Task.WhenAny(turned, stirred, due, open.Ended, open.Refused.IsCompleted ? open.Ended : open.Refused).ConfigureAwait(false);
            if (!turned.IsCompleted && !due.IsCompleted && stirred.IsCompleted) await Task.WhenAny(turned, Task.Delay(Gather, engine.Time, over.Token), open.Ended).ConfigureAwait(false);
            else await Task.WhenAny(Task.Delay(Gap, engine.Time, over.Token), open.Ended).ConfigureAwait(false);
            await over.CancelAsync().ConfigureAwait(false);
            stop.ThrowIfCancellationRequested();
            if (open.Ended.IsCompleted) return open.Ended.Result;
            if (!open.Refused.IsCompleted || engine.Now < remind) continue;
            remind = engine.Now + Reminder;
            Tell(engine, new Retry($"{config.Place} does not take {open.Refused.Result}"));
        }
    }

    /// <summary>Says what is new, or all. False: the connection has ended.</summary>
    async Task<bool> LookAsync(IEngine engine, BusVoice speaker, MqttSession open, bool all, CancellationToken stop)
    {
        await speaking.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            if (all)
            {
                said.Forget();
                // It expires, too: a broker that comes back without us has no will to publish.
                if (await open.PublishAsync(Message(speaker.Publisher(BusState.Met, "connected")), stop).ConfigureAwait(false) is null) return false;
            }

            foreach (var one in said.News(await engine.BelievedAsync(config.Exceptions, said.Zones).ConfigureAwait(false), speaker))
            {
                if (BusRules.Fault(one.Signal) is { } fault)
                {
                    Tell(engine, new Failed($"no signal can be made of {one.Id}: {fault}"));
                    continue;
                }

                if (await open.PublishAsync(Message(one.Signal), stop).ConfigureAwait(false) is not { } taken) return false;
                Interlocked.Increment(ref published);
                _ = SettleAsync(one, taken);
            }

            return true;
        }
        finally
        {
            speaking.Release();
        }
    }

    async Task SettleAsync(MqttSaid.Said one, Task<int> taken) => said.End(one, await taken.ConfigureAwait(false) is var code && !IsForNow(code));

    /// <summary>The end that a person asked for is no loss: it is said so, and then the will is forgotten.</summary>
    async Task LeaveAsync(BusVoice speaker, MqttSession open, TimeProvider time)
    {
        using var late = new CancellationTokenSource(Farewell, time);
        try
        {
            if (open.PublishLast(Message(speaker.Publisher(BusState.NotMet, "stopped"))) is { } taken) open.IsTold = await taken.WaitAsync(late.Token).ConfigureAwait(false) < FirstReason;
        }
        catch (OperationCanceledException)
        {
            // Then its will is published: the connection ends without a good-bye.
        }
    }

    MosquittoMessage Message(BusSignal signal)
    {
        var json = config.Format == MqttFormat.Json;
        var number = (long n) => n.ToString(CultureInfo.InvariantCulture);
        IReadOnlyList<(string, string)> properties = [("v", number(BusSignal.Version)), ("id", signal.Id), ("life", signal.Life), ("sequence", number(signal.Sequence)), ("kind", signal.Kind), ("state", BusJson.Word(signal.State))];
        var payload = Write(signal, json);
        // Names of strangers may leave less room for words than there is.
        while (payload.Length > BusSignal.MaxSize && signal.Because.Length > 0)
        {
            signal = signal with { Because = BusVoice.Clean(signal.Because[..(signal.Because.Length / 2)]) };
            payload = Write(signal, json);
        }

        return new(BusTopic.Of(signal).ToString(), payload, json ? "application/json" : "application/cbor", properties, signal.ValidUntil is { } until ? until - signal.Time : null) { IsText = json };
    }

    static byte[] Write(BusSignal signal, bool json) => json ? BusJson.Write(signal) : BusCbor.Write(signal);

    /// <summary>The alarm `session/NAME` says it, at each try: after a reload the machine does not know of the try before.</summary>
    void Tell(IEngine engine, Outcome outcome) => engine.Send(new Applied(Name, 0, outcome));

    static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
