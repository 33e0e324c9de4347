using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Oops.Tests.Servers;

namespace Oops.Tests.Actions.Webhook;

/// <summary>One request as a receiver got it.</summary>
internal sealed record Posted(string Line, IReadOnlyDictionary<string, string> Headers, string Body);

/// <summary>Takes webhooks on 127.0.0.1, whole, and answers as the test says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    readonly FakeHttp http;
    bool gone;

    public Receiver(X509Certificate2? certificate = null, int port = 0)
    {
        http = new FakeHttp(AnswerAsync, certificate, port);
    }

    public int Port => http.Address.Port;

    public string Url => $"http://127.0.0.1:{Port}/hook";

    public ConcurrentQueue<Posted> Got { get; } = new();

    /// <summary>From the status on; `204 No Content`.</summary>
    public string Status { get; set; } = "204 No Content\r\nContent-Length: 0\r\n\r\n";

    /// <summary>In place of a status.</summary>
    public HttpAnswer? Instead { get; set; }

    public static string With(string status, string body, string headers = "") => $"{status}\r\n{headers}Content-Length: {body.Length}\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        if (!gone)
            await http.DisposeAsync();
        gone = true;
    }

    async Task AnswerAsync(string path, Stream stream, CancellationToken stop)
    {
        var lines = http.Asked.Last().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).ToDictionary(static l => l[..l.IndexOf(':', StringComparison.Ordinal)], static l => l[(l.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = new byte[int.Parse(headers["Content-Length"], System.Globalization.CultureInfo.InvariantCulture)];
        await stream.ReadExactlyAsync(body, stop);
        Got.Enqueue(new(lines[0], headers, Encoding.UTF8.GetString(body)));
        if (Instead is { } instead)
            await instead(path, stream, stop);
        else
            await FakeHttp.SendAsync(stream, "HTTP/1.1 " + Status, stop);
    }
}
