using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Oops.Native;
using Oops.Engine;

namespace Oops.Control;

/// <summary>HTTP/1.1 with JSON on the control socket, and `/metrics` and `/healthz` on a TCP address if one is configured. Nothing else is served there.</summary>
internal sealed partial class ControlServer : IAsyncDisposable
{
    const UnixFileMode SocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(5);

    readonly KestrelServer server;
    readonly ReadApi read;
    readonly ReportsApi reports;
    readonly VerifyApi verify;
    readonly KeysApi keys;
    readonly VerbApi verbs;
    readonly Daemon daemon;
    readonly ILogger log;
    readonly uint group;

    ControlServer(Daemon daemon, string socket, string groupName, IPEndPoint? metrics, ILogger log)
    {
        this.daemon = daemon;
        this.log = log;
        group = Accounts.GroupOf(groupName) ?? Accounts.OwnGroup;
        read = new(daemon);
        reports = new(daemon);
        verify = new(daemon);
        keys = new(daemon);
        verbs = new(daemon);
        server = new(Options.Create(Limits(socket, metrics)), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance), NullLoggerFactory.Instance);
    }

    static KestrelServerOptions Limits(string socket, IPEndPoint? metrics)
    {
        var kestrel = new KestrelServerOptions { AddServerHeader = false };
        kestrel.Limits.MaxRequestBodySize = 64 * 1024;
        // Per address: whoever fills the one of the metrics does not reach the control socket.
        kestrel.Limits.MaxConcurrentConnections = 200;
        // A client that sends half a request, or none, must not keep one of them (the defaults are 30 s and 130 s).
        kestrel.Limits.RequestHeadersTimeout = ClientPatience;
        kestrel.Limits.KeepAliveTimeout = ClientPatience;
        kestrel.ListenUnixSocket(socket, o => o.Protocols = HttpProtocols.Http1);
        if (metrics is not null) kestrel.Listen(metrics, o => o.Protocols = HttpProtocols.Http1);
        return kestrel;
    }

    // The server alone: a host, its container and its configuration would be another daemon around this one.
    sealed class Requests(ControlServer control) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => control.HandleAsync(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
        }
    }

    /// <summary>Listens. A socket that a dead daemon left is removed; one that answers is another daemon's.</summary>
    /// <exception cref="IOException">An address is in use, or cannot be had.</exception>
    public static async Task<ControlServer> StartAsync(Daemon daemon, string socket, string group, IPEndPoint? metrics, ILogger log, CancellationToken stop)
    {
        await RemoveStaleAsync(socket, stop).ConfigureAwait(false);
        Directory.CreateDirectory(Path.GetDirectoryName(socket)!);
        return await ListenAsync(daemon, socket, group, metrics, log, stop).ConfigureAwait(false);
    }

    /// <summary>The second half of the start: another daemon may have been quicker since the first.</summary>
    /// <exception cref="IOException">An address is in use, or cannot be had.</exception>
    internal static async Task<ControlServer> ListenAsync(Daemon daemon, string socket, string group, IPEndPoint? metrics, ILogger log, CancellationToken stop)
    {
        var control = new ControlServer(daemon, socket, group, metrics, log);
        try
        {
            await control.server.StartAsync(new Requests(control), stop).ConfigureAwait(false);
            File.SetUnixFileMode(socket, SocketMode);
            if (!Ownership.TrySetGroup(socket, control.group)) control.NoGroup(socket, group);
            return control;
        }
        catch
        {
            await control.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // The runtime removes the file of a socket that it has bound when it closes it. By its name it may be removed by nobody: whoever could not bind it,
    // or has closed it already, would remove that of the daemon which has it now.
    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2), daemon.Time);
        await server.StopAsync(soon.Token).ConfigureAwait(false);
        server.Dispose();
    }

    static async Task RemoveStaleAsync(string path, CancellationToken stop)
    {
        if (!File.Exists(path)) return;
        switch (await SocketLife.LookAsync(path, stop).ConfigureAwait(false))
        {
            case (Life.Gone, _):
                File.Delete(path);
                break;
            case (Life.Running, _):
                throw new IOException($"{path}: another oops is running");
            case (_, var why):
                throw new IOException($"{path} is there and cannot be asked whose it is: {why}; another user's oops may run");
        }
    }

    async Task HandleAsync(HttpContext context)
    {
        try
        {
            var local = context.Features.Get<IConnectionSocketFeature>()?.Socket.AddressFamily == AddressFamily.Unix;
            var path = context.Request.Path.Value ?? "/";
            if (path == "/metrics" && HttpMethods.IsGet(context.Request.Method)) await read.MetricsAsync(context).ConfigureAwait(false);
            else if (path == "/healthz" && HttpMethods.IsGet(context.Request.Method)) await read.HealthAsync(context).ConfigureAwait(false);
            else if (!local) await ErrorAsync(context, 404, "only /metrics and /healthz are served here").ConfigureAwait(false);
            else if (HttpMethods.IsGet(context.Request.Method)) await GetAsync(context, path).ConfigureAwait(false);
            else if (HttpMethods.IsPost(context.Request.Method)) await PostAsync(context, path).ConfigureAwait(false);
            else await ErrorAsync(context, 405, "GET or POST").ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The client went away, or we stop.
        }
        catch (TimeoutException) when (!context.Response.HasStarted)
        {
            await ErrorAsync(context, 503, "oops is busy: no answer in time").ConfigureAwait(false);
        }
        catch (Exception e) when (e is not Microsoft.AspNetCore.Http.BadHttpRequestException)
        {
            RequestFailed(e, context.Request.Path.Value ?? "/");
            if (!context.Response.HasStarted) await ErrorAsync(context, 500, "this is a bug, please report it; see the log").ConfigureAwait(false);
        }
    }

    Task GetAsync(HttpContext context, string path) => path switch
    {
        "/status" => read.StatusAsync(context),
        "/zones" => read.ZonesAsync(context),
        "/history" => read.HistoryAsync(context),
        "/reports" => reports.AnswerAsync(context),
        // To have a version judged connects to it, and its size may be accepted: that is for who may give orders.
        "/verify" when context.Request.Query.ContainsKey("at") && !Peer.Of(context, group).MayWrite => ErrorAsync(context, 403, "only root, oops itself and members of the socket's group may have a version judged"),
        "/verify" => verify.AnswerAsync(context),
        "/keys" => keys.AnswerAsync(context),
        "/watch" => read.WatchAsync(context),
        _ when path.StartsWith("/explain/", StringComparison.Ordinal) => read.ExplainAsync(context, path["/explain/".Length..]),
        _ => ErrorAsync(context, 404, "no such resource"),
    };

    async Task PostAsync(HttpContext context, string path)
    {
        var peer = Peer.Of(context, group);
        if (!peer.MayWrite)
        {
            await WriteAsync(context, 403, VerbAnswer.Refused("only root, oops itself and members of the socket's group may do this"), ControlJson.Default.VerbAnswer).ConfigureAwait(false);
            return;
        }

        VerbRequest? request;
        try
        {
            request = context.Request.ContentLength is 0 ? new() : await JsonSerializer.DeserializeAsync(context.Request.Body, ControlJson.Default.VerbRequest, context.RequestAborted).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            await WriteAsync(context, 400, VerbAnswer.Usage($"the body is not understood at {e.Path ?? "$"}, line {e.LineNumber + 1}"), ControlJson.Default.VerbAnswer).ConfigureAwait(false);
            return;
        }

        var answer = await verbs.RunAsync(path.TrimStart('/'), request ?? new(), peer.Name, context.RequestAborted).ConfigureAwait(false);
        var status = answer.Exit switch { 0 => 200, 2 => 400, 4 or 5 => 409, 3 => 504, _ => answer.Missing ? 404 : 500 };
        await WriteAsync(context, status, answer, ControlJson.Default.VerbAnswer).ConfigureAwait(false);
    }

    internal static Task ErrorAsync(HttpContext context, int status, string error) => WriteAsync(context, status, new ErrorAnswer(1, error), ControlJson.Default.ErrorAnswer);

    internal static Task WriteAsync<T>(HttpContext context, int status, T answer, JsonTypeInfo<T> info)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, answer, info, context.RequestAborted);
    }

    [LoggerMessage(300, LogLevel.Error, "a request for {Path} failed: this is a bug, please report it")]
    partial void RequestFailed(Exception e, string path);

    [LoggerMessage(301, LogLevel.Warning, "the group of {Path} could not be set to {Group}: only root and the daemon's own user may use it")]
    partial void NoGroup(string path, string group);
}
