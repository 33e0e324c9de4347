using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Oops.Control;

namespace Oops.Commands;

/// <summary>The daemon does not answer: not there, not for us, not in time, or it is something else.</summary>
internal sealed class NoDaemonException(string message, int exit, bool absent = false) : Exception(message)
{
    /// <summary>Nobody listens.</summary>
    public bool Absent { get; } = absent;

    /// <summary>The exit code: 1 failed, 3 timed out, 4 refused.</summary>
    public int Exit { get; } = exit;
}

/// <summary>The body of a GET as it came, and the answer in it; null with the error and the exit code otherwise.</summary>
internal sealed record Reading<T>(T? Answer, string Text, int Exit)
    where T : class
{
    public void Deconstruct(out T? answer, out string text) => (answer, text) = (Answer, Text);
}

/// <summary>The command line's side of the control socket.</summary>
internal sealed class ControlClient : IDisposable
{
    /// <summary>The daemon itself gives up on a question after ten seconds, and then says so.</summary>
    static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(12);

    readonly HttpClient http;
    readonly string socket;
    readonly TimeSpan patience;

    public ControlClient(string socket, TimeSpan? patience = null)
    {
        this.socket = socket;
        this.patience = patience ?? ReadPatience;
        http = new(new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseProxy = false }) { BaseAddress = new Uri("http://oops"), Timeout = Timeout.InfiniteTimeSpan };
    }

    public void Dispose() => http.Dispose();

    /// <summary>What came of a GET.</summary>
    public async Task<Reading<T>> GetAsync<T>(string path, JsonTypeInfo<T> info, CancellationToken stop)
        where T : class
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(stop);
        timeout.CancelAfter(patience);
        try
        {
            using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), HttpCompletionOption.ResponseContentRead, timeout.Token).ConfigureAwait(false);
            var text = await response.Content.ReadAsStringAsync(timeout.Token).ConfigureAwait(false);
            return response.IsSuccessStatusCode
                ? new(JsonSerializer.Deserialize(text, info) ?? throw new JsonException(), text, Verb.Done)
                : new(null, JsonSerializer.Deserialize(text, ControlJson.Default.ErrorAnswer)?.Error ?? throw new JsonException(), response.StatusCode == HttpStatusCode.BadRequest ? Verb.Usage : Verb.Failed);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new NoDaemonException($"{socket}: no complete answer within {patience.TotalSeconds:0.#} s", Verb.TimedOut);
        }
        catch (JsonException)
        {
            throw NotOops();
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
            var text = await response.Content.ReadAsStringAsync(timeout.Token).ConfigureAwait(false);
            if (JsonSerializer.Deserialize(text, ControlJson.Default.VerbAnswer) is { Text: not null, Lines.IsDefault: false } answer) return answer;
            // A daemon that is busy, or has a bug, answers with an error instead.
            return VerbAnswer.Failed(JsonSerializer.Deserialize(text, ControlJson.Default.ErrorAnswer)?.Error ?? throw new JsonException());
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return VerbAnswer.TimedOut($"{socket}: no complete answer within {longest.TotalSeconds:0.#} s; it may still be done, see oops status");
        }
        catch (JsonException)
        {
            throw NotOops();
        }
    }

    /// <summary>The lines of a stream of server-sent events, as they come.</summary>
    public async IAsyncEnumerable<string> EventsAsync(string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken stop)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), HttpCompletionOption.ResponseHeadersRead, stop).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode) throw NotOops();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false));
        while (await LineAsync(reader, stop).ConfigureAwait(false) is { } line)
            if (line.StartsWith("data: ", StringComparison.Ordinal)) yield return line["data: ".Length..];
    }

    static async Task<string?> LineAsync(StreamReader reader, CancellationToken stop)
    {
        try
        {
            return await reader.ReadLineAsync(stop).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // It died within a line: the end, as any other.
            return null;
        }
    }

    NoDaemonException NotOops() => new($"{socket}: what answers there does not speak as oops does (another version, or another program)", Verb.Failed);

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
                SocketError.AccessDenied => new NoDaemonException($"{socket}: no permission; be root or a member of its group", Verb.Refused),
                SocketError.ConnectionRefused => new NoDaemonException($"oops does not run: nobody listens at {socket}", Verb.Failed, absent: true),
                _ => new NoDaemonException($"oops does not run, or its control socket is not {socket} (see --socket)", Verb.Failed, absent: true),
            };
        }
        catch (HttpRequestException e)
        {
            throw e.HttpRequestError is HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded ? NotOops() : new NoDaemonException($"{socket}: the connection was lost before the answer was complete", Verb.Failed);
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
