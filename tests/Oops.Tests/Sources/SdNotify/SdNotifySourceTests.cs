using System.IO.Pipes;
using System.Text;
using Oops.Core;
using Oops.Native;
using Oops.Sources.SdNotify;
using Oops.Tests.Native;
using Xunit;

namespace Oops.Tests.Sources.SdNotify;

/// <summary>The relay between servers, real processes, and the socket behind it. This test's own process is the server, where no other is.</summary>
public sealed class SdNotifySourceTests : IAsyncDisposable
{
    static readonly int Self = Environment.ProcessId;

    readonly TemporaryFolder folder = new();
    readonly SpokenEngine engine = new();
    readonly DatagramSocket server = new();
    readonly byte[] buffer = new byte[128 * 1024];
    CancellationTokenSource closing = new();
    SdNotifySource source = null!;
    Task running = Task.CompletedTask;

    string Listen => Path.Combine(folder.Path, "notify");

    string Manager => Path.Combine(folder.Path, "manager");

    [Fact]
    public async Task The_servers_own_word_is_a_claim()
    {
        engine.Pid = Self;
        await OpenAsync();
        Say("READY=1\nSTATUS=running\n");
        await engine.HearAsync("ns1 Stopping 0");
        Say("STOPPING=1\n");
        await engine.HearAsync("ns1 Stopping 1");
    }

    [Fact]
    public async Task Reloads_and_texts_are_none()
    {
        engine.Pid = Self;
        await OpenAsync();
        Say("RELOADING=1\nMONOTONIC_USEC=17");
        Say("STATUS=Waiting for 3 tasks to finish...");
        Say("EXTEND_TIMEOUT_USEC=60000000");
        Say("STOPPING=1");
        Assert.Equal(["ns1 Stopping 1"], await engine.HearAsync("ns1 Stopping 1"));
    }

    [Fact]
    public async Task Another_process_is_not_heard_not_even_a_child_of_the_server()
    {
        engine.Pid = Self;
        await OpenAsync();
        using var other = Speaker("STOPPING=1");
        await CountedAsync("strangers", 1);
        Say("STOPPING=1");
        Assert.Equal(["ns1 Stopping 1"], await engine.HearAsync("ns1 Stopping 1"));
    }

    [Fact]
    public async Task A_worker_of_the_server_that_stops_is_a_suspicion_and_its_ready_is_nothing()
    {
        using var main = new ChildProcess("perl", "-MSocket", "-e", """
            my ($to, $go) = @ARGV;
            if (!fork) {
                select(undef, undef, undef, 0.01) until -e $go;
                socket(S, AF_UNIX, SOCK_DGRAM, 0);
                send(S, $_, 0, sockaddr_un($to)) for "READY=1", "STOPPING=1";
            }
            sleep 60;
            """, Listen, folder.Path + "/go");
        engine.Pid = main.Pid;
        await OpenAsync();
        await File.WriteAllTextAsync(folder.Path + "/go", "");
        Assert.Equal(["ns1 Stopping 1"], await engine.HearAsync("ns1 Stopping 1"));
        await CountedAsync("strangers", 1);
    }

    [Fact]
    public async Task What_a_server_said_before_it_was_known_counts_when_it_is()
    {
        await OpenAsync();
        Say("READY=1");
        await CountedAsync("received", 1);
        engine.Pid = Self;
        Assert.Equal(["ns1 Stopping 0"], await engine.HearAsync("ns1 Stopping 0"));
    }

    [Fact]
    public async Task What_the_process_before_it_said_does_not()
    {
        using var other = Speaker("STOPPING=1");
        await OpenAsync();
        await CountedAsync("received", 1);
        engine.Pid = Self;
        Say("READY=1");
        Assert.Equal(["ns1 Stopping 0"], await engine.HearAsync("ns1 Stopping 0"));
    }

    [Fact]
    public async Task Its_last_word_counts_though_it_is_heard_after_its_end_and_no_later()
    {
        engine.Pid = Self;
        await OpenAsync();
        Say("READY=1");
        await engine.HearAsync("ns1 Stopping 0");
        engine.Pid = null;
        Say("STOPPING=1");
        await engine.HearAsync("ns1 Stopping 1");
        // Another one is the server now.
        using var other = new ChildProcess("sleep", "60");
        engine.Pid = other.Pid;
        Say("READY=1");
        await CountedAsync("strangers", 1);
        Assert.Empty(engine.Take());
    }

    [Fact]
    public async Task A_flood_does_not_keep_what_waits_from_its_turn()
    {
        Assert.SkipUnless(SdNotifyForward.Hindrance() is null, "what is forwarded as from another process takes CAP_SYS_ADMIN");
        using var manager = Bound(Manager);
        using var filler = new DatagramSocket();
        while (filler.Send("X=1"u8, Manager, Self, []) == 0) { }
        engine.Pid = Self;
        int sent = 0, forwarded = 0;
        // Each word that is heard is followed by the next one before the relay looks at its socket again: there is always one more.
        engine.Heard = word =>
        {
            if (!word.StartsWith("ns1 Stopping ", StringComparison.Ordinal) || ++sent == 200) return;
            Say(sent % 2 == 0 ? "READY=1" : "STOPPING=1");
            while (manager.TryReceive(buffer, out var datagram))
                if (Encoding.UTF8.GetString(buffer, 0, datagram.Length) != "X=1") forwarded++;
        };
        await OpenAsync(Manager);
        Say("READY=1");
        await CountedAsync("received", 200);
        Assert.True(forwarded > 0);
    }

    [Fact]
    public async Task All_goes_on_unchanged_in_its_order_as_from_its_sender()
    {
        using var manager = Bound(Manager);
        await OpenAsync(Manager);
        string[] said = ["READY=1\nSTATUS=running\nMAINPID=7\n", "WATCHDOG=1", "", "X-OTHER=\u00e9\n\n", new string('x', 60_000), "STOPPING=1"];
        foreach (var text in said) Say(text);
        foreach (var text in said)
        {
            var (came, pid) = await NextAsync(manager);
            Assert.Equal((text, Self), (came, pid));
        }

        await CountedAsync("forwarded", said.Length);
    }

    [Fact]
    public async Task A_barrier_is_passed_with_its_descriptor_and_without_a_manager_at_once()
    {
        foreach (var forward in new[] { Manager, null })
        {
            using var manager = Bound(Manager);
            await OpenAsync(forward);
            // sd_notify_barrier(3) waits until nobody has the other end any more.
            using var barrier = new AnonymousPipeServerStream(PipeDirection.In);
            using (var end = new Descriptor((int)barrier.ClientSafePipeHandle.DangerousGetHandle()))
            {
                Assert.Equal(0, server.Send("BARRIER=1"u8, Listen, Self, [end]));
                end.SetHandleAsInvalid();
            }

            barrier.DisposeLocalCopyOfClientHandle();
            if (forward is not null)
            {
                var (text, pid, files) = await TakeAsync(manager);
                Assert.Equal(("BARRIER=1", Self, 1), (text, pid, files.Length));
                files[0].Dispose();
            }

            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            Assert.Equal(0, await barrier.ReadAsync(new byte[1], limit.Token));
            await CloseAsync();
        }
    }

    [Fact]
    public async Task A_manager_that_does_not_read_makes_nobody_wait_and_what_is_lost_is_counted()
    {
        using var manager = Bound(Manager);
        await OpenAsync(Manager);
        for (var i = 0; i < 300; i++) await SayPatientlyAsync($"STATUS={i}");
        await CountedAsync("received", 300);
        var first = await NextAsync(manager);
        Assert.Equal("STATUS=0", first.Text);
        var came = 1;
        while (Counted("forwarded") + Counted("not_forwarded") < 300 || came < Counted("forwarded"))
        {
            Assert.StartsWith("STATUS=", (await NextAsync(manager)).Text, StringComparison.Ordinal);
            came++;
        }

        Assert.True(Counted("not_forwarded") > 0);
    }

    [Fact]
    public async Task Nobody_behind_it_is_a_count_and_the_server_is_heard()
    {
        engine.Pid = Self;
        await OpenAsync(Manager);
        Say("STOPPING=1");
        await engine.HearAsync("ns1 Stopping 1");
        await CountedAsync("not_forwarded", 1);
    }

    [Fact]
    public async Task What_is_too_long_is_counted_and_goes_nowhere()
    {
        using var manager = Bound(Manager);
        engine.Pid = Self;
        await OpenAsync(Manager);
        Say("STOPPING=1\n" + new string('x', 100_000));
        await CountedAsync("too_long", 1);
        Say("READY=1");
        Assert.Equal("READY=1", (await NextAsync(manager)).Text);
        Assert.Equal(["ns1 Stopping 0"], await engine.HearAsync("ns1 Stopping 0"));
    }

    [Fact]
    public async Task A_socket_that_cannot_be_had_is_told_and_tried_again()
    {
        await File.WriteAllTextAsync(Listen, "");
        source = new(new SdNotifyTarget("ns1", Listen, null));
        running = source.RunAsync(engine, closing.Token);
        await engine.HearAsync($"ns1 lost: sd-notify: {Listen} is there already, and is somebody's");
        File.Delete(Listen);
        await engine.HearAsync("ns1 opened");
        engine.Pid = Self;
        Say("STOPPING=1");
        await engine.HearAsync("ns1 Stopping 1");
    }

    [Fact]
    public async Task Its_end_refuses_who_speaks_and_makes_nobody_wait()
    {
        await OpenAsync();
        await CloseAsync();
        Assert.Equal(Errno.NoEntry, server.Send("READY=1"u8, Listen, Self, []));
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        server.Dispose();
        folder.Dispose();
        closing.Dispose();
        Assert.False(running.IsFaulted, running.Exception?.ToString());
    }

    async Task OpenAsync(string? forward = null)
    {
        source = new(new SdNotifyTarget("ns1", Listen, forward));
        running = source.RunAsync(engine, closing.Token);
        await engine.HearAsync(forward is null || SdNotifyForward.Hindrance() is null ? "ns1 opened" : $"ns1 lost: sd-notify: nothing is forwarded to {forward}: it may not send as from another process: CAP_SYS_ADMIN is missing");
    }

    async Task CloseAsync()
    {
        await closing.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        closing.Dispose();
        closing = new();
    }

    void Say(string text) => Assert.Equal(0, server.Send(Encoding.UTF8.GetBytes(text), Listen, Self, []));

    async Task SayPatientlyAsync(string text)
    {
        while (server.Send(Encoding.UTF8.GetBytes(text), Listen, Self, []) == Errno.Again) await Task.Delay(1);
    }

    // Another process, which says so as soon as somebody listens.
    ChildProcess Speaker(string text) => new("perl", "-MSocket", "-e", """
        my ($to, $text) = @ARGV;
        select(undef, undef, undef, 0.01) until -e $to;
        socket(S, AF_UNIX, SOCK_DGRAM, 0);
        send(S, $text, 0, sockaddr_un($to));
        sleep 60;
        """, Listen, text);

    static DatagramSocket Bound(string path)
    {
        var socket = new DatagramSocket();
        Assert.Null(socket.Bind(path));
        return socket;
    }

    async Task<(string Text, int Pid)> NextAsync(DatagramSocket manager)
    {
        var (text, pid, _) = await TakeAsync(manager);
        return (text, pid);
    }

    async Task<(string Text, int Pid, Descriptor[] Files)> TakeAsync(DatagramSocket manager)
    {
        var deadline = Environment.TickCount64 + 60_000;
        while (Environment.TickCount64 < deadline)
        {
            if (manager.TryReceive(buffer, out var datagram)) return (Encoding.UTF8.GetString(buffer, 0, datagram.Length), datagram.Pid, datagram.Files);
            await Task.Delay(2);
        }

        throw new TimeoutException("nothing was forwarded");
    }

    long Counted(string name) => source.Counted.Single(c => c.Name == name).Value;

    async Task CountedAsync(string name, long value)
    {
        var deadline = Environment.TickCount64 + 60_000;
        while (Counted(name) != value)
        {
            Assert.True(Environment.TickCount64 < deadline, $"{name} is {Counted(name)}, not {value}");
            await Task.Delay(5);
        }
    }
}
