using System.Net.Sockets;
using Oops.Servers;
using Oops.Sources.Knot;
using Oops.Tests.Wire;
using Xunit;

namespace Oops.Tests.Sources.Knot;

/// <summary>The witness before a server that answers as knotd does, while the process source tells the machine of its process.</summary>
public sealed class KnotWitnessTests : IAsyncDisposable
{
    const string Control = "knot/control-3.2.6.hex";

    readonly string folder = Directory.CreateTempSubdirectory("oops-knot-").FullName;
    readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    readonly SpokenEngine engine = new();
    readonly Look look = new();
    readonly CancellationTokenSource stop = new();
    readonly KnotOptions options;
    readonly Task serving;
    Task running = Task.CompletedTask;

    public KnotWitnessTests()
    {
        var path = Path.Combine(folder, "knot.sock");
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen(4);
        serving = ServeAsync();
        options = new KnotOptions("ns1", path, null, false, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task What_was_said_before_the_machine_knew_the_process_is_said_again()
    {
        Start();
        var first = await engine.HearAsync("control opened", "control Answering 1", "control read");
        Assert.NotEmpty(Serials(first));

        // Our own pid is that of the server which answers: it was met before the process source told of it.
        engine.Pid = Environment.ProcessId;
        look.AtAll();
        var again = await engine.HearAsync("control opened", "control Answering 1", "control read");
        Assert.Equal(Serials(first), Serials(again));
    }

    [Fact]
    public async Task A_look_at_the_same_process_says_nothing_twice()
    {
        engine.Pid = Environment.ProcessId;
        Start();
        await engine.HearAsync("control opened", "control read");
        look.AtAll();
        var again = await engine.HearAsync("control read");
        Assert.DoesNotContain("control opened", again);
        Assert.Empty(Serials(again));
    }

    [Fact]
    public async Task When_probes_begin_to_be_unanswered_its_control_is_asked_at_once_whether_it_answers()
    {
        engine.Pid = Environment.ProcessId;
        Start();
        await engine.HearAsync("control opened", "control read");
        engine.UnansweredSince = engine.Now;
        var said = await engine.HearAsync("control Answering 1");
        Assert.DoesNotContain("control read", said);
    }

    void Start() => running = KnotSession.Witness(options, engine, look, new KnotWords(options, engine, look)).RunAsync(stop.Token);

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Dispose();
        await Task.WhenAll(serving, running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
        look.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    static List<string> Serials(List<string> said) => [.. said.Where(w => w.Contains("Serial", StringComparison.Ordinal))];

    async Task ServeAsync()
    {
        var version = HexVectors.One(Control, "status-version request");
        var buffer = new byte[4096];
        while (true)
        {
            using var session = await listener.AcceptAsync(stop.Token);
            while (await session.ReceiveAsync(buffer, stop.Token) is > 0 and var length)
            {
                // One byte is END, by which the client leaves.
                if (length == 1) break;
                await session.SendAsync(HexVectors.One(Control, buffer.AsSpan(0, length).SequenceEqual(version) ? "status-version reply" : "zone-status reply"), stop.Token);
            }
        }
    }
}
