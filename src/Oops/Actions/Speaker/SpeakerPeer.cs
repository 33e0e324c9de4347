using System.Net;
using System.Net.Sockets;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Servers;
using Oops.Wire.Bgp;

namespace Oops.Actions.Speaker;

/// <summary>One configured peer: connects to it until a session stands, again when it ended, and decides which of two connections stays.</summary>
internal sealed class SpeakerPeer(SpeakerConfig speaker, SpeakerPeerConfig config, SpeakerRib rib, TimeProvider time)
{
    public const int Port = 179;

    /// <summary>What we say when we end a session.</summary>
    const string Stops = "oops stops", Reloads = "oops reloads";

    /// <summary>Connections of it that are no session yet. Two is what a collision is.</summary>
    const int MostOpening = 4;

    static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(10), LongestPause = TimeSpan.FromSeconds(10);

    readonly Lock gate = new();
    readonly List<SpeakerSession> sessions = [];
    readonly List<Task> taken = [];
    readonly SpeakerStory story = new(config.Address.Address, time);
    volatile bool connecting;
    volatile string farewell = Stops;

    // Null: its sessions are at their end, and none begins.
    (CancellationToken Stop, TaskCompletionSource Broken)? life;

    public SpeakerPeerConfig Config => config;

    /// <summary>What it is told when we end its session.</summary>
    public string Farewell => farewell;

    /// <summary>Its NOTIFICATION in words. BIRD keeps the text that it was told last and sends it with its own next shutdown: those are our words, not its reason.</summary>
    public static string Say(ReadOnlySpan<byte> notification) =>
        BgpNotification.Say(notification) + (BgpNotification.Text(notification) is Stops or Reloads ? " (our own words of earlier, which it sends back)" : "");

    public IPAddress Address => config.Address.Address;

    public TimeSpan HoldTime => config.HoldTime;

    public string? PasswordFile => config.PasswordFile;

    /// <summary>Why there is no session.</summary>
    public string Down => story.Down;

    uint Asn => (uint)speaker.Asn;

    uint Id => BitConverter.ToUInt32([.. speaker.RouterId.Address.GetAddressBytes().Reverse()]);

    /// <summary>A reload, not our end, is what ends its session.</summary>
    public void Retire() => farewell = Reloads;

    /// <summary>Connects, again and again, unless it is passive, and carries those that it makes itself, until it is stopped: then it is told that we go.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        story.Begin();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var broken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (gate) life = (ending.Token, broken);
        var connects = config.Passive ? Task.Delay(Timeout.InfiniteTimeSpan, time, ending.Token) : StayAsync(ending.Token);
        try
        {
            await (await Task.WhenAny(connects, broken.Task).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            List<Task> left;
            lock (gate)
            {
                life = null;
                left = [connects, .. taken];
                taken.Clear();
            }

            await ending.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    async Task StayAsync(CancellationToken stop)
    {
        var pauses = new Backoff(TimeSpan.FromSeconds(1), LongestPause);
        while (true)
        {
            if (Up() is { } up)
            {
                await up.Ended.WaitAsync(stop).ConfigureAwait(false);
                pauses.Reset();
            }
            else if (await ConnectAsync(stop).ConfigureAwait(false))
            {
                pauses.Reset();
            }

            await Task.Delay(pauses.Next(), time, stop).ConfigureAwait(false);
        }
    }

    /// <summary>It has connected to us. The session is the peer's own: it outlives who listened.</summary>
    public async Task TakeAsync(TcpConnection connection)
    {
        lock (gate)
        {
            taken.RemoveAll(static t => t.IsCompleted);
            if (life is { } living && Math.Max(sessions.Count, taken.Count) < MostOpening)
            {
                taken.Add(CarryAsync(connection, living.Broken, living.Stop));
                return;
            }
        }

        await connection.CloseAsync().ConfigureAwait(false);
    }

    async Task CarryAsync(TcpConnection connection, TaskCompletionSource broken, CancellationToken stop)
    {
        // The caller has the lock.
        await Task.Yield();
        try
        {
            await ConverseAsync(connection, incoming: true, stop).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A bug, to be told by whoever runs the peer.
            broken.TrySetException(e);
        }
    }

    /// <summary>Our OPEN.</summary>
    public byte[] Opening()
    {
        var open = new BgpOpen
        {
            Asn = Asn,
            HoldTime = (ushort)HoldTime.TotalSeconds,
            Id = Id,
            Ip4 = true,
            Ip6 = true,
            SaysFamilies = true,
            RouteRefresh = true,
            EnhancedRefresh = true,
            FourOctet = true,
            ExtendedNextHop = true,
        };
        var buffer = new byte[BgpOpen.MaxOwn];
        return buffer[..open.Write(buffer)];
    }

    /// <summary>Null: its OPEN is what the config expects.</summary>
    public (BgpFault Fault, string Why)? Judge(BgpOpen open) =>
        open.Asn != config.Asn ? (BgpFault.BadPeerAs, $"it says AS {open.Asn}, not {config.Asn}")
        // Between two ASs the same is allowed (RFC 6286).
        : open.Id == Id && config.Asn == speaker.Asn ? (BgpFault.BadIdentifier, $"it has our router ID {speaker.RouterId}")
        : null;

    /// <summary>How it is spoken to.</summary>
    /// <param name="open">What it can.</param>
    /// <param name="local">Our address on the session.</param>
    public SpeakerTongue Tongue(BgpOpen open, IPAddress local)
    {
        var (six, plain) = (local.AddressFamily == AddressFamily.InterNetworkV6, new IPAddress(local.GetAddressBytes()));
        var hop4 = config.NextHop4?.Address ?? (!six || (open.ExtendedNextHop && !local.IsIPv6LinkLocal) ? plain : null);
        // What is good on one link only is no next hop for those behind the peer.
        var hop6 = config.NextHop6?.Address ?? (six && !local.IsIPv6LinkLocal ? plain : null);
        return new(Asn, config.Asn == speaker.Asn, open.FourOctet, open.Carries(BgpFamily.Ip4) ? hop4 : null, open.Carries(BgpFamily.Ip6) ? hop6 : null);
    }

    /// <summary>Its OPEN is good. Of two connections the one stays that was made by the higher identifier (RFC 4271, 6.8; RFC 6286); one that is established stays in any case.</summary>
    public bool Confirm(SpeakerSession session)
    {
        SpeakerSession? loser = null;
        lock (gate)
        {
            var other = sessions.Find(s => s != session && s.Stage is SpeakerStage.OpenConfirm or SpeakerStage.Established);
            if (other is not null)
            {
                var ours = Id != session.Open.Id ? Id > session.Open.Id : speaker.Asn > config.Asn;
                loser = other.Stage == SpeakerStage.Established || other.Incoming == session.Incoming || session.Incoming == ours ? session : other;
            }

            if (loser != session) session.Stage = SpeakerStage.OpenConfirm;
            if (loser == other && other is not null) other.Stage = SpeakerStage.Ended;
        }

        loser?.End(BgpNotification.Write(new(BgpFault.Cease, BgpNotification.Collision)), "another connection stays");
        return loser != session;
    }

    /// <summary>The session stands: the table goes to it. False: another was faster.</summary>
    public async Task<bool> EstablishAsync(SpeakerSession session)
    {
        List<SpeakerSession> others;
        lock (gate)
        {
            if (session.Stage != SpeakerStage.OpenConfirm) return false;
            session.Stage = SpeakerStage.Established;
            others = sessions.FindAll(s => s != session);
            story.Established();
        }

        foreach (var other in others) other.End(BgpNotification.Write(new(BgpFault.Cease, BgpNotification.Collision)), "another connection stays");
        await rib.EnterAsync(session).ConfigureAwait(false);
        return true;
    }

    public void Refresh(SpeakerSession session, BgpFamily family) => rib.Refresh(session, family);

    /// <summary>The connection is at its end: nothing is written to it any more.</summary>
    public void Leave(SpeakerSession session)
    {
        lock (gate)
        {
            session.Stage = SpeakerStage.Ended;
            sessions.Remove(session);
        }
    }

    /// <summary>Null: all is well with it, or it is too early to say.</summary>
    public RouterTrouble? Trouble => story.Trouble(speaker.Name);

    /// <param name="heard">It can connect to us.</param>
    /// <param name="idle">Why nobody is connected to; null: they are.</param>
    public SessionReport Report(bool heard, string? idle)
    {
        var (since, transitions, down, error) = story.Told;
        return new(speaker.Name, $"{Address}", config.Asn, State(heard && idle is null), since, transitions, idle ?? down, error?.Why, error?.At);
    }

    string State(bool heard)
    {
        lock (gate)
        {
            var stages = sessions.FindAll(s => s.Stage != SpeakerStage.Ended);
            if (stages.Count > 0) return $"{stages.Max(s => s.Stage)}";
        }

        return connecting ? "Connect" : heard ? "Active" : "Idle";
    }

    SpeakerSession? Up()
    {
        lock (gate) return sessions.Find(s => s.Stage == SpeakerStage.Established);
    }

    /// <summary>One connection to its end. True: a session stood.</summary>
    async Task<bool> ConnectAsync(CancellationToken stop)
    {
        var (password, problem) = ReadPassword();
        if (problem is not null)
        {
            story.Missed(problem);
            return false;
        }

        TcpConnection connection;
        using (var late = new CancellationTokenSource(ConnectPatience, time))
        using (stop.UnsafeRegister(static l => ((CancellationTokenSource)l!).Cancel(), late))
        {
            try
            {
                connecting = true;
                // Where no descriptor is left this fails too, and is no reason to end the others' sessions.
                connection = await TcpConnection.ConnectAsync(TcpThread.Instance, config.LocalAddress is { } local ? new IPEndPoint(local.Address, 0) : null, config.Address.ToIPEndPoint(Port),
                    s => Sign(s, password) ?? LimitHops(s), time, late.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                stop.ThrowIfCancellationRequested();
                story.Missed(e is IOException ? e.Message : $"no answer within {ConnectPatience.TotalSeconds:0} s{(PasswordFile is null ? "" : ", as with a wrong password")}");
                return false;
            }
            finally
            {
                connecting = false;
            }
        }

        return await ConverseAsync(connection, incoming: false, stop).ConfigureAwait(false);
    }

    string? LimitHops(TcpSocket socket) => config.TtlSecurity is { } hops ? TcpOptions.SetHops(socket, hops) : null;

    /// <summary>It cannot connect to us, and we do not to it.</summary>
    public void Miss(string why)
    {
        if (config.Passive) story.Missed(why);
    }

    /// <summary>Its password, null where it has none; or why it cannot be had.</summary>
    public (string? Password, string? Problem) ReadPassword()
    {
        if (PasswordFile is null) return default;
        var (password, problem) = SecretFile.Read(PasswordFile);
        if (password is null) return (null, problem);
        return password.Length > TcpOptions.LongestPassword ? (null, $"{PasswordFile}: longer than {TcpOptions.LongestPassword} characters") : (password, null);
    }

    /// <summary>On a socket that connects to it or listens for it. Null, or why not.</summary>
    public string? Sign(TcpSocket socket, string? password) => password is null ? null : TcpOptions.SetPassword(socket, Address, password);

    async Task<bool> ConverseAsync(TcpConnection connection, bool incoming, CancellationToken stop)
    {
        using var session = new SpeakerSession(this, connection, incoming, time);
        lock (gate) sessions.Add(session);
        var why = await session.RunAsync(incoming ? LimitHops : null, stop).ConfigureAwait(false);
        lock (gate)
        {
            var up = Up();
            if (session.WasUp || up is null) story.Ended(why, session.WasUp, session.Tells, another: up is not null);
        }

        await rib.LeaveAsync(session).ConfigureAwait(false);
        return session.WasUp;
    }
}
