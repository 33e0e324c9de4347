using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Oops.Servers;
using Xunit;

namespace Oops.Tests.Servers;

/// <summary>An HTTP API and what it can do to who asks it: hang, break off, flood, lie about its length, send us elsewhere, show another authority's certificate.</summary>
public sealed class HttpApiTests
{
    // Where the server does answer: a loaded machine must not run into it.
    static readonly TimeSpan Patient = TimeSpan.FromSeconds(20);

    // Where it does not, and that is awaited.
    static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task The_body_of_a_200_is_handed_over_to_its_end()
    {
        await using var server = new FakeHttp(FakeHttp.Ok("{\"a\":1}"));
        var (result, body) = await AskAsync(server, Patient);
        Assert.Equal((default(HttpResult), "{\"a\":1}"), (result, body));
        Assert.StartsWith("GET /x HTTP/1.1\r\n", Assert.Single(server.Asked), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n", true, "{\"a\":1}")]
    [InlineData("5\r\n{\"a\":\r\n", false, "{\"a\":")]
    [InlineData("zz\r\n{\"a\":", false, "")]
    [InlineData("fffffffffffffffffff\r\n{}", false, "")]
    public async Task A_body_in_chunks_ends_with_the_last_of_them(string chunks, bool whole, string taken)
    {
        await using var server = new FakeHttp(FakeHttp.Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks));
        var (result, body) = await AskAsync(server, Patient);
        Assert.Equal((whole ? HttpFault.None : HttpFault.Broken, taken), (result.Fault, body));
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a")]
    [InlineData("\u0016\u0003\u0001\u0002garbage\r\n\r\n")]
    public async Task What_ends_before_its_end_or_is_no_HTTP_is_no_answer(string bytes)
    {
        await using var server = new FakeHttp(FakeHttp.Raw(bytes));
        var (result, _) = await AskAsync(server, Patient);
        Assert.Equal($"test: the answer broke off, or is no HTTP, at {server.Address}", result.Why);
        Assert.Equal(HttpFault.Broken, result.Fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a")]
    public async Task Silence_before_or_within_an_answer_ends_it(string first)
    {
        await using var server = new FakeHttp(FakeHttp.Hang(first));
        var (result, _) = await AskAsync(server, Brief);
        Assert.Equal($"test: silent for 0.2 s at {server.Address}", result.Why);
        Assert.Equal(HttpFault.Silent, result.Fault);
    }

    [Fact]
    public async Task A_server_that_sends_a_byte_now_and_then_is_not_listened_to_for_ever()
    {
        // Each pause is within the timeout; all of them are not.
        await using var server = new FakeHttp(async (_, stream, stop) =>
        {
            await FakeHttp.SendAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", stop);
            while (true)
            {
                await FakeHttp.SendAsync(stream, " ", stop);
                await Task.Delay(10, stop);
            }
        });
        var (result, _) = await AskAsync(server, Brief);
        Assert.Equal(HttpFault.Silent, result.Fault);
    }

    [Fact]
    public async Task Headers_without_end_are_no_answer()
    {
        await using var server = new FakeHttp(async (_, stream, stop) =>
        {
            await FakeHttp.SendAsync(stream, "HTTP/1.1 200 OK\r\n", stop);
            while (true) await FakeHttp.SendAsync(stream, "X-More: " + new string('a', 1000) + "\r\n", stop);
        });
        var (result, _) = await AskAsync(server, Patient);
        Assert.Equal(HttpFault.Broken, result.Fault);
    }

    [Fact]
    public async Task An_answer_longer_than_is_taken_is_cut_off_and_no_more_of_it_is_read()
    {
        await using var server = new FakeHttp(Endless);
        var (result, body) = await AskAsync(server, Patient, o => o with { MostBytes = 200_000 });
        Assert.Equal("test: an answer of more than 200000 bytes", result.Why);
        Assert.Equal(HttpFault.Long, result.Fault);
        Assert.InRange(body.Length, 100_000, 200_000);
    }

    [Fact]
    public async Task Of_a_hundred_megabytes_no_more_is_held_than_a_piece()
    {
        long taken = 0, most = 0;
        await using var server = new FakeHttp(async (_, stream, stop) =>
        {
            await FakeHttp.SendAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n", stop);
            var block = new byte[1 << 20];
            for (var i = 0; i < 100; i++) await stream.WriteAsync(block, stop);
        });
        using var api = new HttpApi(new("test", server.Address, Patient), TimeProvider.System);
        var result = await api.GetAsync("/x", (piece, _) =>
        {
            (taken, most) = (taken + piece.Length, Math.Max(most, piece.Length));
            return true;
        }, TestContext.Current.CancellationToken);
        Assert.Equal((null, 104_857_600L), (result.Why, taken));
        Assert.InRange(most, 1, 65536);
    }

    [Fact]
    public async Task While_there_is_no_room_for_more_the_server_waits_and_is_not_called_silent()
    {
        var room = new TaskCompletionSource();
        await using var server = new FakeHttp(FakeHttp.Ok(new string('a', 300_000)));
        using var api = new HttpApi(new("test", server.Address, Brief * 10), TimeProvider.System);
        var taken = 0;
        var asking = api.GetAsync("/x", (piece, _) =>
        {
            taken += piece.Length;
            return true;
        }, TestContext.Current.CancellationToken, () => room.Task).AsTask();
        await Task.Delay(Brief * 15, TestContext.Current.CancellationToken);
        Assert.False(asking.IsCompleted);
        Assert.InRange(taken, 1, 65536);
        room.SetResult();
        Assert.Equal((null, 300_000), ((await asking).Why, taken));
    }

    [Fact]
    public async Task Who_asked_can_have_had_enough()
    {
        await using var server = new FakeHttp(Endless);
        using var api = new HttpApi(new("test", server.Address, Patient), TimeProvider.System);
        var result = await api.GetAsync("/x", (_, _) => false, TestContext.Current.CancellationToken);
        Assert.Equal(("test: not the answer that was asked for", HttpFault.Unwanted), (result.Why, result.Fault));
    }

    [Theory]
    [InlineData("301 Moved\r\nLocation: http://127.0.0.1:1/y", "status 301")]
    [InlineData("401 Unauthorized", "401: the key is wrong, or our address is not allowed")]
    [InlineData("403 Forbidden", "403: the key is wrong, or our address is not allowed")]
    [InlineData("404 No such URL", "404: there is no /x")]
    [InlineData("500 Oh", "status 500")]
    public async Task Another_status_is_no_answer_and_leads_nowhere(string status, string says)
    {
        await using var server = new FakeHttp(FakeHttp.Raw($"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nno"));
        var (result, body) = await AskAsync(server, Patient);
        Assert.StartsWith("test: " + says, result.Why, StringComparison.Ordinal);
        Assert.Equal((HttpFault.Status, ""), (result.Fault, body));
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task That_nobody_listens_is_a_fact()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var free = (IPEndPoint)listener.LocalEndpoint;
        listener.Stop();
        using var api = new HttpApi(new("test", free, Patient), TimeProvider.System);
        var result = await api.GetAsync("/x", (_, _) => true, TestContext.Current.CancellationToken);
        Assert.Equal(($"test: Connection refused at {free}", true), (result.Why, result.Nobody));
    }

    [Fact]
    public async Task The_key_is_read_for_each_request_and_goes_into_a_header()
    {
        var key = "one";
        await using var server = new FakeHttp(FakeHttp.Ok("{}"));
        using var api = new HttpApi(new("test", server.Address, Patient) { ReadKey = () => (key, "") }, TimeProvider.System);
        await api.GetAsync("/x", (_, _) => true, TestContext.Current.CancellationToken);
        key = "two";
        await api.GetAsync("/x", (_, _) => true, TestContext.Current.CancellationToken);
        Assert.Equal(["X-API-Key: one", "X-API-Key: two"], server.Asked.Select(h => h.Split("\r\n").Single(l => l.StartsWith("X-API", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData(null, "test: no such file")]
    [InlineData("a\r\nX-Other: b", "test: the key has characters that no header can have: is it the key's file?")]
    public async Task Without_a_usable_key_nothing_is_asked(string? key, string says)
    {
        await using var server = new FakeHttp(FakeHttp.Ok("{}"));
        var (result, _) = await AskAsync(server, Patient, o => o with { ReadKey = () => (key, "no such file") });
        Assert.Equal((says, HttpFault.Key), (result.Why, result.Fault));
        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task A_certificate_counts_by_who_signed_it()
    {
        using var authority = Authority("CN=one");
        using var other = Authority("CN=other");
        using var certificate = Signed(authority);
        await using var server = new FakeHttp(FakeHttp.Ok("{}"), certificate);
        var (right, body) = await AskAsync(server, Patient, o => o with { Authority = [Public(authority)] });
        Assert.Equal((null, "{}"), (right.Why, body));
        var (wrong, _) = await AskAsync(server, Patient, o => o with { Authority = [Public(other)] });
        Assert.Equal(($"test: its certificate is not that of the configured authority, at {server.Address}", HttpFault.Tls), (wrong.Why, wrong.Fault));
        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task Where_TLS_is_configured_plain_HTTP_is_no_answer()
    {
        using var authority = Authority("CN=one");
        await using var server = new FakeHttp(FakeHttp.Ok("{}"));
        var (result, _) = await AskAsync(server, Brief * 10, o => o with { Authority = [Public(authority)] });
        // A server that waits for a line of text is silent to a ClientHello; one that answers it is no TLS.
        Assert.Contains(result.Fault, (HttpFault[])[HttpFault.Tls, HttpFault.Silent]);
    }

    [Fact]
    public async Task Who_stops_it_is_obeyed_at_once()
    {
        await using var server = new FakeHttp(FakeHttp.Hang());
        using var api = new HttpApi(new("test", server.Address, Patient), TimeProvider.System);
        using var stop = new CancellationTokenSource(Brief);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await api.GetAsync("/x", (_, _) => true, stop.Token));
    }

    static async Task Endless(string path, Stream stream, CancellationToken stop)
    {
        await FakeHttp.SendAsync(stream, "HTTP/1.1 200 OK\r\n\r\n", stop);
        while (true) await stream.WriteAsync(new byte[65536], stop);
    }

    static async Task<(HttpResult Result, string Body)> AskAsync(FakeHttp server, TimeSpan timeout, Func<HttpApiOptions, HttpApiOptions>? change = null)
    {
        var options = new HttpApiOptions("test", server.Address, timeout);
        using var api = new HttpApi(change is null ? options : change(options), TimeProvider.System);
        var body = new StringBuilder();
        var result = await api.GetAsync("/x", (piece, _) =>
        {
            body.Append(Encoding.Latin1.GetString(piece));
            return true;
        }, TestContext.Current.CancellationToken);
        return (result, body.ToString());
    }

    static X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.Now.AddDays(-1), DateTimeOffset.Now.AddDays(1));
    }

    static X509Certificate2 Signed(X509Certificate2 authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=server", key, HashAlgorithmName.SHA256);
        using var bare = request.Create(authority, DateTimeOffset.Now.AddHours(-1), DateTimeOffset.Now.AddHours(1), [1, 2, 3]);
        using var whole = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    static X509Certificate2 Public(X509Certificate2 authority) => X509CertificateLoader.LoadCertificate(authority.RawData);
}
