using System.Net.Sockets;
using Oops.Sources.Knot;
using Oops.Tests.Wire;
using Oops.Wire.Knot;
using Xunit;

namespace Oops.Tests.Sources.Knot;

public sealed class KnotControlTests : IDisposable
{
    const string Control = "knot/control-3.2.6.hex";
    static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);

    readonly string folder = Directory.CreateTempSubdirectory("oops-knot-").FullName;
    readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    public KnotControlTests()
    {
        listener.Bind(new UnixDomainSocketEndPoint(Path));
        listener.Listen(4);
    }

    string Path => System.IO.Path.Combine(folder, "knot.sock");

    [Fact]
    public async Task Who_listens_is_known_by_pid()
    {
        await using var control = await OpenAsync();
        Assert.Equal(Environment.ProcessId, control.PeerPid);
    }

    [Fact]
    public async Task All_zones_are_read_from_an_answer_in_any_pieces()
    {
        await using var control = await OpenAsync();
        var zones = new List<KnotZoneStatus>();
        var asking = control.ZoneStatusAsync([], zones.Add, default).AsTask();
        using var server = await listener.AcceptAsync();
        var answer = HexVectors.One(Control, "zone-status-filters reply");
        for (var at = 0; at < answer.Length; at += 97) await server.SendAsync(answer.AsMemory(at, Math.Min(97, answer.Length - at)));
        Assert.Null(await asking);
        Assert.Equal(["file.test.", "sec.test.", "signed.test.", "val.test."], zones.Select(z => z.Zone));
        Assert.Equal(Convert.ToHexString(HexVectors.One(Control, "zone-status-filters request")), Convert.ToHexString(await ReceiveAsync(server)));
    }

    [Fact]
    public async Task The_version_is_read()
    {
        await using var control = await OpenAsync();
        var asking = control.VersionAsync(default).AsTask();
        using var server = await listener.AcceptAsync();
        await server.SendAsync(HexVectors.One(Control, "status-version reply"));
        Assert.Equal(("3.2.6", ""), await asking);
    }

    [Fact]
    public async Task The_serial_of_what_waits_is_read_and_a_command_has_knotds_own_words()
    {
        await using var control = await OpenAsync();
        var asking = control.WaitingSerialAsync("a.test", default).AsTask();
        using var server = await listener.AcceptAsync();
        await server.SendAsync(HexVectors.One("knot/control-3.5.8.hex", "zone-get-soa reply"));
        Assert.Equal((2u, true), await asking is var (serial, done) ? (serial, done.Ok) : default);
        Assert.Equal(Convert.ToHexString(HexVectors.One("knot/control-3.5.8.hex", "zone-get-soa request")), Convert.ToHexString(await ReceiveAsync(server)));
        var committing = control.DoAsync("zone-commit", "a.test", default).AsTask();
        await server.SendAsync(HexVectors.One("knot/control-3.5.8.hex", "zone-commit reply"));
        Assert.True((await committing).Ok);
        committing = control.DoAsync("zone-commit", "a.test", default).AsTask();
        await server.SendAsync(HexVectors.One("knot/control-3.5.8.hex", "zone-commit-again reply"));
        Assert.True((await committing) is { Ok: false, NothingOpen: true, Lost: null });
        asking = control.WaitingSerialAsync("a.test", default).AsTask();
        await server.SendAsync(HexVectors.One("knot/control-3.5.8.hex", "zone-commit reply"));
        Assert.Equal("no SOA record in the answer", (await asking).Done.Error);
    }

    [Fact]
    public async Task Half_an_answer_and_silence_end_at_the_timeout_and_so_does_the_session()
    {
        await using var control = await OpenAsync(Short);
        var asking = control.ZoneStatusAsync([], _ => { }, default).AsTask();
        using var server = await listener.AcceptAsync();
        await server.SendAsync(HexVectors.One(Control, "zone-status reply").AsMemory(0, 200));
        Assert.Equal("knot: silent for 0.2 s within an answer", await asking);
        Assert.Equal("knot: the session is broken", await control.ZoneStatusAsync([], _ => { }, default));
    }

    [Fact]
    public async Task A_server_that_trickles_is_given_up_too()
    {
        await using var control = await OpenAsync(TimeSpan.FromMilliseconds(40));
        var asking = control.ZoneStatusAsync([], _ => { }, default).AsTask();
        using var server = await listener.AcceptAsync();
        await server.SendAsync(new byte[] { 1, 0x10, 0x40, 0 });
        for (var i = 0; i < 400 && !asking.IsCompleted; i++)
        {
            await server.SendAsync(new byte[] { (byte)'a' });
            await Task.Delay(10);
        }

        Assert.StartsWith("knot: ", await asking.WaitAsync(TimeSpan.FromSeconds(5)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ff", "knot: a broken answer (UnitType)")]
    [InlineData("01ff", "knot: a broken answer (Item)")]
    [InlineData("00", "knot: the server ended the session within an answer")]
    [InlineData("011000016103", null)]
    [InlineData("0112000e6e6f74206175746f72697a65642103", "knot: not autorized!")]
    public async Task What_the_server_answers_instead(string hex, string? why)
    {
        await using var control = await OpenAsync();
        var asking = control.ZoneStatusAsync([], _ => { }, default).AsTask();
        using var server = await listener.AcceptAsync();
        await server.SendAsync(Convert.FromHexString(hex));
        Assert.Equal(why, await asking);
    }

    [Fact]
    public async Task A_server_that_goes_away_within_an_answer_is_a_reason()
    {
        await using var control = await OpenAsync();
        var asking = control.ZoneStatusAsync([], _ => { }, default).AsTask();
        var server = await listener.AcceptAsync();
        await ReceiveAsync(server);
        server.Dispose();
        Assert.Equal("knot: the server closed the session within an answer", await asking);
    }

    [Fact]
    public async Task A_session_ends_with_END_so_that_the_next_one_is_served()
    {
        var control = await OpenAsync();
        using var server = await listener.AcceptAsync();
        await control.DisposeAsync();
        Assert.Equal([0], await ReceiveAsync(server));
    }

    [Fact]
    public async Task A_socket_file_without_a_server_says_that_nobody_listens()
    {
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Bound and not listening: what a killed server leaves behind.
            killed.Bind(new UnixDomainSocketEndPoint(Path + "y"));
            Assert.True((await KnotControl.OpenAsync(Path + "y", Short, TimeProvider.System, default)).Nobody);
        }

        listener.Dispose();
        var stale = await KnotControl.OpenAsync(Path, Short, TimeProvider.System, default);
        Assert.True(stale.Nobody);
        var none = await KnotControl.OpenAsync(Path + "x", Short, TimeProvider.System, default);
        Assert.True(none.Nobody);
        Assert.Equal($"knot: no such socket at {Path}x", none.Why);
    }

    [Fact]
    public async Task A_path_that_no_socket_can_have_is_a_reason() =>
        Assert.Null((await KnotControl.OpenAsync("/" + new string('a', 200), Short, TimeProvider.System, default)).Control);

    public void Dispose()
    {
        listener.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    static async Task<byte[]> ReceiveAsync(Socket server)
    {
        var bytes = new byte[4096];
        return bytes[..await server.ReceiveAsync(bytes)];
    }

    async Task<KnotControl> OpenAsync(TimeSpan? timeout = null)
    {
        var opened = await KnotControl.OpenAsync(Path, timeout ?? TimeSpan.FromSeconds(5), TimeProvider.System, default);
        return opened.Control ?? throw new InvalidOperationException(opened.Why);
    }
}
