using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Oops.Actions.Webhook;
using Oops.Config;
using Oops.Core;
using Oops.Engine;
using Oops.Tests.Engine;
using Oops.Tests.Servers;
using Xunit;

namespace Oops.Tests.Actions.Webhook;

/// <summary>A receiver of webhooks, and what it can do to who posts.</summary>
public sealed class WebhookActionTests : IAsyncDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("oops-hook").FullName;
    readonly Receiver receiver = new();
    readonly Recorder engine = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await receiver.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    WebhookConfig Config => new() { Name = "phone", Url = receiver.Url, Timeout = TimeSpan.FromSeconds(20) };

    /// <param name="config">Its options.</param>
    /// <param name="fake">By the clock that the test moves; else by the real one.</param>
    WebhookAction New(WebhookConfig config, bool fake = false)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", "mode: act\nsite: ams1\nservers: { ns1: { kind: other } }\n")).Config!;
        var action = (WebhookAction)config.Create(loaded);
        if (fake)
            _ = action.RunAsync(engine, Stop);
        return action;
    }

    Task<Outcome> PostAsync(WebhookConfig? config = null) => New(config ?? Config).ApplyAsync(CloudEventsTests.Reaction, Stop).AsTask();

    string Secret(string name, string text)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, text + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    [Fact]
    public async Task An_event_is_posted_and_told_as_done()
    {
        receiver.Status = Receiver.With("202 Accepted", "queued");
        Assert.Equal(new Done("202: queued"), await PostAsync(Config with { Url = receiver.Url + "?token=x" }));
        var posted = Assert.Single(receiver.Got);
        Assert.Equal(("POST /hook?token=x HTTP/1.1", "application/cloudevents+json; charset=utf-8"), (posted.Line, posted.Headers["Content-Type"]));
        using var json = JsonDocument.Parse(posted.Body);
        Assert.Equal(("dns.oops.keys-changed", "oops://ams1"), (json.RootElement.GetProperty("type").GetString(), json.RootElement.GetProperty("source").GetString()));
        Assert.False(posted.Headers.ContainsKey("webhook-signature"));
    }

    [Fact]
    public async Task In_binary_mode_the_event_is_in_headers_with_those_of_the_config()
    {
        await PostAsync(Config with { Mode = WebhookMode.Binary, Headers = [new() { Name = "X-Title", Value = "keys" }, new() { Name = "Authorization", Value = "Bearer ", File = Secret("token", "tk_1") }] });
        var posted = Assert.Single(receiver.Got);
        Assert.Equal(("keys", "Bearer tk_1", "dns.oops.keys-changed", "application/json"), (posted.Headers["X-Title"], posted.Headers["Authorization"], posted.Headers["ce-type"], posted.Headers["Content-Type"]));
        Assert.StartsWith("{\"title\":", posted.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_signed_is_the_body_as_it_came()
    {
        await PostAsync(Config with { Signature = new() { Key = [Secret("key", "whsec_" + Convert.ToBase64String(new byte[32]))] } });
        var posted = Assert.Single(receiver.Got);
        using var json = JsonDocument.Parse(posted.Body);
        Assert.Equal(json.RootElement.GetProperty("id").GetString(), posted.Headers["webhook-id"]);
        var signed = $"{posted.Headers["webhook-id"]}.{posted.Headers["webhook-timestamp"]}.{posted.Body}";
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(new byte[32], System.Text.Encoding.UTF8.GetBytes(signed))), posted.Headers["webhook-signature"]);
        Assert.InRange(long.Parse(posted.Headers["webhook-timestamp"], System.Globalization.CultureInfo.InvariantCulture), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - 60, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
    }

    [Theory]
    [InlineData(200, "Done")]
    [InlineData(201, "Done")]
    [InlineData(204, "Done")]
    [InlineData(301, "Failed")]
    [InlineData(307, "Failed")]
    [InlineData(304, "Failed")]
    [InlineData(400, "Failed")]
    [InlineData(401, "Failed")]
    [InlineData(403, "Failed")]
    [InlineData(404, "Failed")]
    [InlineData(408, "Retry")]
    [InlineData(410, "Failed")]
    [InlineData(413, "Failed")]
    [InlineData(425, "Retry")]
    [InlineData(429, "Retry")]
    [InlineData(500, "Retry")]
    [InlineData(501, "Failed")]
    [InlineData(502, "Retry")]
    [InlineData(503, "Retry")]
    [InlineData(504, "Retry")]
    [InlineData(522, "Retry")]
    public async Task The_status_says_what_becomes_of_it(int status, string outcome)
    {
        receiver.Status = Receiver.With($"{status} Some Thing", status is 204 or 304 ? "" : "why", status is > 300 and < 400 ? $"Location: {receiver.Url}/other\r\n" : "");
        var became = await PostAsync();
        Assert.Equal(outcome, became.GetType().Name);
        Assert.Single(receiver.Got);
        if (became is Failed failed && status >= 400)
            Assert.StartsWith($"{receiver.Url} answered {status}: why", failed.Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "", 60)]
    [InlineData(403, "Retry-After: 90\r\n", 90)]
    [InlineData(403, "Retry-After: 5\r\n", 60)]
    [InlineData(404, "", null)]
    public async Task Who_does_not_take_our_secret_is_asked_again_for_what_must_not_be_lost(int status, string header, int? seconds)
    {
        receiver.Status = Receiver.With($"{status} No", "", header);
        var became = await New(Config, fake: true).ApplyAsync(CloudEventsTests.Reaction with { Each = Each.Every }, Stop);
        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, (became as Retry)?.After);
    }

    [Fact]
    public async Task Gone_is_gone_for_good_and_a_redirect_says_what_to_write()
    {
        receiver.Status = Receiver.With("410 Gone", "");
        Assert.Equal(new Failed($"{receiver.Url} answered 410: it is gone for good; remove this action, or write another URL"), await PostAsync());
        receiver.Status = Receiver.With("308 Permanent Redirect", "", "Location: /x\r\n");
        Assert.Equal(new Failed($"{receiver.Url} answered 308: no redirect is followed; write the URL that it leads to"), await PostAsync());
    }

    [Theory]
    [InlineData("Retry-After: 90\r\n", 90)]
    [InlineData("Retry-After: Fri, 02 Jan 2026 04:05:35 GMT\r\n", 90)]
    [InlineData("Retry-After: 999999\r\n", 3600)]
    [InlineData("Retry-After: soon\r\n", null)]
    [InlineData("Retry-After: 0\r\n", null)]
    [InlineData("Retry-After: Fri, 02 Jan 2020 04:05:35 GMT\r\n", null)]
    [InlineData("", null)]
    public async Task It_is_asked_again_when_it_says(string header, int? seconds)
    {
        receiver.Status = Receiver.With("429 Too Many Requests", "slow", header);
        var retry = Assert.IsType<Retry>(await New(Config, fake: true).ApplyAsync(CloudEventsTests.Reaction, Stop));
        Assert.Equal((seconds is { } s ? TimeSpan.FromSeconds(s) : null, $"{receiver.Url} answered 429: slow"), (retry.After, retry.Why));
    }

    [Fact]
    public async Task Who_asked_to_wait_hears_nothing_of_other_zones_either_and_then_does()
    {
        receiver.Status = Receiver.With("503 Later", "", "Retry-After: 90\r\n");
        var action = New(Config, fake: true);
        await action.ApplyAsync(CloudEventsTests.Reaction, Stop);
        receiver.Status = Receiver.With("200 OK", "");
        engine.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(new Retry("the receiver asked to wait, for 30s more") { After = TimeSpan.FromSeconds(30) }, await action.ApplyAsync(CloudEventsTests.Reaction with { Zone = "other.example" }, Stop));
        Assert.Single(receiver.Got);
        engine.Clock.Advance(TimeSpan.FromSeconds(30));
        Assert.IsType<Done>(await action.ApplyAsync(CloudEventsTests.Reaction with { Zone = "other.example" }, Stop));
    }

    [Fact]
    public async Task A_receiver_that_is_gone_for_an_hour_gets_the_same_event_when_it_is_back()
    {
        var port = receiver.Port;
        await receiver.DisposeAsync();
        // Longer than the clock is moved on at a time: else it may end what has just begun.
        var action = New(Config with { Timeout = TimeSpan.FromMinutes(2) }, fake: true);
        await using var runner = new ActionRunner(action, engine, null, NullLogger.Instance);
        runner.Take(CloudEventsTests.Reaction with { Each = Each.Every });
        var tries = 0;
        for (var gone = TimeSpan.Zero; gone < TimeSpan.FromHours(1); gone += TimeSpan.FromSeconds(40), tries++)
        {
            Assert.Contains("onnection refused at http://127.0.0.1", Assert.IsType<Retry>((await engine.NextAsync<Applied>()).Outcome).Why, StringComparison.Ordinal);
            await engine.AdvanceAsync(TimeSpan.FromSeconds(40));
        }

        await using var back = new Receiver(port: port);
        while ((await engine.NextAsync<Applied>()).Outcome is Retry)
            await engine.AdvanceAsync(TimeSpan.FromSeconds(40));
        using var json = JsonDocument.Parse(Assert.Single(back.Got).Body);
        Assert.StartsWith("phone-7-", json.RootElement.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal(90, tries);
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200")]
    [InlineData("HTTP/1.1 200 OK\r\nX-Slow: a\r\n")]
    public async Task A_receiver_that_hangs_before_its_status_is_given_up(string first)
    {
        receiver.Instead = FakeHttp.Hang(first);
        Assert.Equal(new Retry($"webhook: silent for 0.3 s at {receiver.Url}"), await PostAsync(Config with { Timeout = TimeSpan.FromSeconds(0.3) }));
    }

    [Fact]
    public async Task Headers_that_come_a_byte_now_and_then_do_not_hold_it()
    {
        receiver.Instead = static async (_, stream, stop) =>
        {
            await FakeHttp.SendAsync(stream, "HTTP/1.1 200 OK\r\nX: ", stop);
            while (true)
            {
                await FakeHttp.SendAsync(stream, "a", stop);
                await Task.Delay(10, stop);
            }
        };
        Assert.IsType<Retry>(await PostAsync(Config with { Timeout = TimeSpan.FromSeconds(0.5) }));
    }

    [Fact]
    public async Task Who_has_said_200_has_taken_it_whatever_comes_behind()
    {
        receiver.Instead = FakeHttp.Hang("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"a");
        Assert.Equal(new Done("200: {\"a"), await PostAsync(Config with { Timeout = TimeSpan.FromSeconds(0.5) }));
        receiver.Instead = static async (_, stream, stop) =>
        {
            await FakeHttp.SendAsync(stream, "HTTP/1.1 200 OK\r\n\r\n\u001b[2J", stop);
            while (true)
                await stream.WriteAsync(new byte[65536], stop);
        };
        var told = Assert.IsType<Done>(await PostAsync()).Detail!;
        Assert.StartsWith("200: ?[2J??", told, StringComparison.Ordinal);
        Assert.InRange(told.Length, 100, 250);
    }

    [Fact]
    public async Task What_is_secret_in_a_URL_is_in_no_message()
    {
        var port = receiver.Port;
        await receiver.DisposeAsync();
        foreach (var config in (WebhookConfig[])[Config with { Url = $"http://127.0.0.1:{port}/hook?key=s3cret" }, Config with { Url = null, UrlFile = Secret("url", $"http://127.0.0.1:{port}/s3cret/s3cret") }, Config with { Url = null, UrlFile = Secret("bad", "http://user:s3cret@127.0.0.1/") }])
        {
            var why = Assert.IsType<Retry>(await PostAsync(config)).Why;
            Assert.DoesNotContain("s3cret", why, StringComparison.Ordinal);
            Assert.True(why.Contains("127.0.0.1", StringComparison.Ordinal) || why.Contains("has a user in it", StringComparison.Ordinal), why);
        }
    }

    [Theory]
    [InlineData("localhost", true, "")]
    [InlineData("127.0.0.1", true, "the certificate is not for 127.0.0.1 (CN=oops.test)")]
    [InlineData("localhost", false, "no authority that the system trusts vouches for the certificate")]
    public async Task A_receiver_over_TLS_proves_that_it_is_the_host_of_the_URL(string host, bool trusted, string complaint)
    {
        using var certificate = Certificate();
        await using var secure = new Receiver(certificate);
        var ca = Path.Combine(folder, "ca.pem");
        await File.WriteAllTextAsync(ca, certificate.ExportCertificatePem(), Stop);
        var outcome = await PostAsync(Config with { Url = $"https://{host}:{secure.Port}/hook", Tls = trusted ? new() { Ca = ca } : null });
        if (complaint.Length == 0)
            Assert.IsType<Done>(outcome);
        else
            Assert.Equal($"webhook: {complaint}, at https://{host}:{secure.Port}/hook", Assert.IsType<Retry>(outcome).Why);
        Assert.Equal(complaint.Length == 0 ? 1 : 0, secure.Got.Count);
    }

    [Fact]
    public async Task A_pin_alone_is_enough_and_another_key_is_named()
    {
        using var certificate = Certificate();
        await using var secure = new Receiver(certificate);
        var pin = TlsPin.Of(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        var there = Config with { Url = $"https://127.0.0.1:{secure.Port}/hook" };
        Assert.IsType<Done>(await PostAsync(there with { Tls = new() { Pins = [pin] } }));
        Assert.Contains($"the certificate is of another key: pin sha256/{pin}", Assert.IsType<Retry>(await PostAsync(there with { Tls = new() { Pins = [TlsPin.Of(new byte[32])] } })).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_there_is_no_TLS_nothing_is_sent()
    {
        receiver.Instead = FakeHttp.Raw("HTTP/1.1 400 Bad\r\n\r\n");
        Assert.IsType<Retry>(await PostAsync(Config with { Url = $"https://127.0.0.1:{receiver.Port}/", Timeout = TimeSpan.FromSeconds(0.5) }));
        Assert.Empty(receiver.Got);
    }

    [Fact]
    public async Task Without_a_secret_that_is_written_nothing_is_sent()
    {
        Assert.Contains("/nowhere: there is no such file", Assert.IsType<Retry>(await PostAsync(Config with { Headers = [new() { Name = "X", File = "/nowhere" }] })).Why, StringComparison.Ordinal);
        Assert.Contains("/nowhere: there is no such file", Assert.IsType<Retry>(await PostAsync(Config with { Signature = new() { Key = ["/nowhere"] } })).Why, StringComparison.Ordinal);
        Assert.Contains("/nowhere: no such file", Assert.IsType<Retry>(await PostAsync(Config with { Url = "https://127.0.0.1/", Tls = new() { Ca = "/nowhere" } })).Why, StringComparison.Ordinal);
        Assert.Empty(receiver.Got);
    }

    [Fact]
    public async Task What_is_no_zone_or_no_event_fails()
    {
        Assert.IsType<Failed>(await New(Config).ApplyAsync(CloudEventsTests.Reaction with { Zone = "a..b" }, Stop));
        Assert.IsType<Failed>(await New(Config).ApplyAsync(new RouterIntent("phone", 1, "b", []), Stop));
        Assert.Empty(receiver.Got);
    }

    static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=oops.test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
    }
}
