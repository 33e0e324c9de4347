using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Oops.Lab.Harness;

/// <summary>A webhook as it came.</summary>
/// <param name="Id">Of the event, by its body.</param>
/// <param name="Body">All of it.</param>
/// <param name="IsSigned">By the receiver's secret, for that id, and not long ago.</param>
internal sealed record Hooked(string Id, string Body, bool IsSigned);

/// <summary>An HTTP server of another make than ours, on 127.0.0.1, that takes webhooks.</summary>
internal sealed class HookReceiver : IAsyncDisposable
{
    public const int Port = 5405;

    readonly HttpListener listener = new();
    readonly Task serving;

    public HookReceiver()
    {
        listener.Prefixes.Add($"http://127.0.0.1:{Port}/");
        listener.Start();
        serving = ServeAsync();
    }

    public static byte[] Secret { get; } = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];

    public int Status { get; set; } = 204;

    public ConcurrentQueue<Hooked> Got { get; } = new();

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    async Task ServeAsync()
    {
        while (true)
        {
            var context = await listener.GetContextAsync();
            using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
            string body = await reader.ReadToEndAsync(), id = context.Request.Headers["webhook-id"] ?? "", timestamp = context.Request.Headers["webhook-timestamp"] ?? "0";
            using var json = JsonDocument.Parse(body);
            string signature = "v1," + Convert.ToBase64String(HMACSHA256.HashData(Secret, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")));
            bool fresh = Math.Abs(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - long.Parse(timestamp, System.Globalization.CultureInfo.InvariantCulture)) < 300;
            string said = json.RootElement.GetProperty("id").GetString()!;
            Got.Enqueue(new(said, body, fresh && id == said && context.Request.Headers["webhook-signature"] == signature));
            context.Response.StatusCode = Status;
            context.Response.Close();
        }
    }
}
