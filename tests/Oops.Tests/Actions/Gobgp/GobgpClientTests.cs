using Microsoft.AspNetCore.Http;
using Oops.Actions.Gobgp;
using Oops.Tests.Actions.Bird;
using Xunit;

namespace Oops.Tests.Actions.Gobgp;

/// <summary>What a server can do to who calls it: speak something else, hang, break off, flood, refuse, answer by halves.</summary>
public sealed class GobgpClientTests
{
    // Where the server does answer: a loaded machine must not run into it.
    static readonly TimeSpan Patient = TimeSpan.FromSeconds(20);

    // Where it does not, and that is awaited.
    static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(300);

    static GobgpClient Client(string socket, TimeSpan timeout) => new(new GobgpPlace(socket, null), timeout, TimeProvider.System);

    static async Task<GrpcAnswer> CallAsync(FakeCall answer, TimeSpan? timeout = null)
    {
        await using var server = await FakeGobgp.StartAsync(answer);
        using var client = Client(server.SocketPath, timeout ?? Patient);
        return await client.CallAsync("/a.B/C", new byte[] { 0, 0, 0, 0, 0 }, default);
    }

    static async Task<string?> RawAsync(FakeSession session, TimeSpan? timeout = null)
    {
        await using var server = new FakeBird(session);
        using var client = Client(server.SocketPath, timeout ?? Patient);
        return (await client.CallAsync("/a.B/C", default, default)).Why;
    }

    [Fact]
    public async Task Messages_and_a_status_are_an_answer()
    {
        var answer = await CallAsync((_, _, context) => FakeGobgp.AnswerAsync(context, 0, [1, 2], []));
        Assert.Equal((null, 0), (answer.Why, answer.Status));
        Assert.Equal(["0102", ""], answer.Messages.Select(m => Convert.ToHexString(m.Span)));
    }

    [Fact]
    public async Task A_request_is_what_gRPC_wants()
    {
        HeaderDictionary headers = [];
        string? protocol = null;
        await CallAsync((_, _, context) =>
        {
            foreach (var (name, value) in context.Request.Headers) headers[name] = value;
            protocol = context.Request.Protocol;
            return FakeGobgp.AnswerAsync(context, 0);
        });
        Assert.Equal(("HTTP/2", "application/grpc", "trailers", "20000m"), (protocol, headers["content-type"].ToString(), headers["te"].ToString(), headers["grpc-timeout"].ToString()));
    }

    [Fact]
    public async Task A_refusal_has_its_status_and_its_words_without_what_would_move_a_terminal()
    {
        var answer = await CallAsync((_, _, context) => FakeGobgp.RefuseAsync(context, 2, "address%20family%3A%20%1B[2Jnot supported"));
        Assert.Equal((null, 2, "address family:  [2Jnot supported"), (answer.Why, answer.Status, answer.Message));
    }

    [Fact]
    public async Task A_status_of_HTTP_or_another_type_is_not_gRPC()
    {
        Assert.Contains("status 404", (await CallAsync((_, _, context) => { context.Response.StatusCode = 404; return Task.CompletedTask; })).Why, StringComparison.Ordinal);
        Assert.Contains("no gRPC at", (await CallAsync((_, _, context) => context.Response.WriteAsync("hello"))).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_status_or_with_half_a_message_it_is_no_answer()
    {
        Assert.Contains("has no status", (await CallAsync((_, _, context) => { context.Response.ContentType = "application/grpc"; return Task.CompletedTask; })).Why, StringComparison.Ordinal);
        var half = await CallAsync(async (_, _, context) =>
        {
            context.Response.ContentType = "application/grpc+proto";
            await context.Response.Body.WriteAsync(new byte[] { 0, 0, 0, 0, 9, 1 });
            context.Response.AppendTrailer("grpc-status", "0");
        });
        Assert.Contains("not whole messages", half.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_an_end_is_cut_off_at_its_bound()
    {
        var answer = await CallAsync(async (_, _, context) =>
        {
            context.Response.ContentType = "application/grpc";
            var piece = new byte[256 * 1024];
            for (var i = 0; i < 100; i++) await context.Response.Body.WriteAsync(piece, context.RequestAborted);
        });
        Assert.Contains("more than 8 MiB", answer.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_before_or_within_an_answer_is_a_timeout_that_names_the_socket()
    {
        Assert.Contains("no complete answer within 0.3 s at /", (await CallAsync((_, _, context) => Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }), Brief)).Why, StringComparison.Ordinal);
        var within = await CallAsync(async (_, _, context) =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[] { 0, 0 });
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { });
        }, Brief);
        Assert.Contains("no complete answer within 0.3 s", within.Why, StringComparison.Ordinal);
        Assert.Contains("no complete answer within 0.3 s", await RawAsync(c => c.HangAsync(), Brief), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("0001 BIRD 2.0.12 ready.\n")]
    [InlineData("\0\0\0\u0004\0\0\0\0\0\0\0\0\u0009\u0001\0\0\0\u0005x")]
    public async Task What_is_not_HTTP_2_is_told(string bytes) =>
        Assert.Contains("this is not gRPC over HTTP/2, at /", await RawAsync(async c =>
        {
            await c.CommandAsync();
            await c.SendAsync(bytes);
            // An end with what is unread would be a reset, and that would be told.
            await c.HangAsync();
        }), StringComparison.Ordinal);

    [Fact]
    public async Task A_connection_that_ends_at_once_is_told() => Assert.Matches("connection broke off|connection reset", await RawAsync(c =>
    {
        c.Reset();
        return Task.CompletedTask;
    }));

    [Fact]
    public async Task An_absent_socket_and_one_left_behind_say_that_gobgpd_does_not_run()
    {
        var directory = Directory.CreateTempSubdirectory("nogobgp").FullName;
        try
        {
            using var absent = Client(Path.Combine(directory, "api.sock"), Patient);
            Assert.Contains("no socket (gobgpd is not running", (await absent.CallAsync("/a.B/C", default, default)).Why, StringComparison.Ordinal);
            var path = Path.Combine(directory, "left.sock");
            await File.WriteAllTextAsync(path, "");
            using var left = Client(path, Patient);
            Assert.Contains("connection refused (gobgpd is not running", (await left.CallAsync("/a.B/C", default, default)).Why, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }

    [Fact]
    public async Task The_connection_is_kept_between_calls_and_its_process_is_known()
    {
        await using var server = await FakeGobgp.StartAsync((_, _, context) => FakeGobgp.AnswerAsync(context, 0));
        using var client = Client(server.SocketPath, Patient);
        for (var i = 0; i < 5; i++) Assert.Null((await client.CallAsync("/a.B/C", default, default)).Why);
        Assert.Equal((1, Environment.ProcessId), (client.Connections, client.Process!.Value.Pid));
    }

    [Fact]
    public async Task After_a_failure_the_next_call_is_on_a_connection_of_its_own()
    {
        var first = true;
        await using var server = await FakeGobgp.StartAsync((_, _, context) =>
        {
            var hang = first;
            first = false;
            return hang ? Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }) : FakeGobgp.AnswerAsync(context, 0);
        });
        using var client = Client(server.SocketPath, TimeSpan.FromSeconds(2));
        Assert.NotNull((await client.CallAsync("/a.B/C", default, default)).Why);
        Assert.Null((await client.CallAsync("/a.B/C", default, default)).Why);
        Assert.Equal(2, client.Connections);
    }

    [Fact]
    public async Task Stopping_is_the_only_exception()
    {
        await using var server = new FakeBird(c => c.HangAsync());
        using var client = Client(server.SocketPath, Patient);
        using var stop = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await client.CallAsync("/a.B/C", default, stop.Token));
    }
}
