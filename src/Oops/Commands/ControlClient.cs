using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Oops.Control;

namespace Oops.Commands;

/// <summary>The daemon does not answer: not there, or not for us.</summary>
internal sealed class NoDaemonException(string message, bool absent) : Exception(message)
{
    /// <summary>Nobody listens; else we may not ask.</summary>
    public bool Absent { get; } = absent;
}

/// <summary>The command line's side of the control socket.</summary>
internal sealed class ControlClient : IDisposable
{
    readonly HttpClient http;
    readonly string socket;

    public ControlClient(string socket)
    {
        this.socket = socket;
        http = new(new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseProxy = false }) { BaseAddress = new Uri("http://oops"), Timeout = Timeout.InfiniteTimeSpan };
    }

    public void Dispose() => http.Dispose();

    /// <summary>The body of a GET as it came, and the answer in it; null with the error otherwise.</summary>
    public async Task<(T? Answer, string Text)> GetAsync<T>(string path, JsonTypeInfo<T> info, CancellationToken stop)
        where T : class
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(TimeSpan.FromSeconds(30));
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), HttpCompletionOption.ResponseContentRead, timeout.Token).ConfigureAwait(false);
        var text = await response.Content.ReadAsStringAsync(timeout.Token).ConfigureAwait(false);
        if (response.IsSuccessStatusCode) return (JsonSerializer.Deserialize(text, info), text);
        try
        {
            return (null, JsonSerializer.Deserialize(text, ControlJson.Default.ErrorAnswer)?.Error ?? text);
        }
        catch (JsonException)
        {
            return (null, text);
        }
    }

    public async Task<VerbAnswer> PostAsync(string verb, VerbRequest request, TimeSpan longest, CancellationToken stop)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(longest);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, "/" + verb) { Content = JsonContent.Create(request, ControlJson.Default.VerbRequest) };
            using var response = await SendAsync(message, HttpCompletionOption.ResponseContentRead, timeout.Token).ConfigureAwait(false);
            return await response.Content.ReadFromJsonAsync(ControlJson.Default.VerbAnswer, timeout.Token).ConfigureAwait(false) ?? VerbAnswer.Failed("an empty answer");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return VerbAnswer.TimedOut("oops did not answer in time");
        }
    }

    /// <summary>The lines of a stream of server-sent events, as they come.</summary>
    public async IAsyncEnumerable<string> EventsAsync(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false));
        while (await reader.ReadLineAsync(stop).ConfigureAwait(false) is { } line)
            if (line.StartsWith("data: ", StringComparison.Ordinal)) yield return line["data: ".Length..];
    }

    async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, HttpCompletionOption completion, CancellationToken stop)
    {
        try
        {
            return await http.SendAsync(message, completion, stop).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException s)
        {
            throw s.SocketErrorCode switch
            {
                SocketError.AccessDenied => new NoDaemonException($"{socket}: no permission; be root or a member of its group", absent: false),
                SocketError.ConnectionRefused => new NoDaemonException($"oops does not run: nobody listens at {socket}", absent: true),
                _ => new NoDaemonException($"oops does not run, or its control socket is not {socket} (see --socket)", absent: true),
            };
        }
        catch (HttpRequestException e)
        {
            throw new NoDaemonException($"{socket}: the connection was lost ({e.Message})", absent: false);
        }
    }

    async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        var unix = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await unix.ConnectAsync(new UnixDomainSocketEndPoint(socket), stop).ConfigureAwait(false);
            return new NetworkStream(unix, ownsSocket: true);
        }
        catch
        {
            unix.Dispose();
            throw;
        }
    }
}
