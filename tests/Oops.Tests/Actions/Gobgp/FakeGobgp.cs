using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Oops.Wire.Gobgp;

namespace Oops.Tests.Actions.Gobgp;

/// <summary>What a fake gobgpd answers to a call: the last word of its path, and the messages of the request.</summary>
internal delegate Task FakeCall(string call, IReadOnlyList<ReadOnlyMemory<byte>> messages, HttpContext context);

/// <summary>A gRPC server on a Unix socket that behaves, or misbehaves, as told. It speaks real HTTP/2.</summary>
internal sealed class FakeGobgp : IAsyncDisposable
{
    readonly string directory = Directory.CreateTempSubdirectory("fakegobgp").FullName;
    readonly WebApplication web;

    FakeGobgp(FakeCall answer)
    {
        SocketPath = Path.Combine(directory, "api.sock");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(o => o.ListenUnixSocket(SocketPath, l => l.Protocols = HttpProtocols.Http2));
        web = builder.Build();
        web.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            Paths.Enqueue(context.Request.Path);
            Assert(GrpcFrames.TryRead(body.ToArray(), out var messages));
            await answer(context.Request.Path.Value!.Split('/')[^1], messages, context);
        });
    }

    public string SocketPath { get; }

    /// <summary>The calls that came.</summary>
    public ConcurrentQueue<string> Paths { get; } = [];

    public static async Task<FakeGobgp> StartAsync(FakeCall answer)
    {
        var server = new FakeGobgp(answer);
        await server.web.StartAsync();
        return server;
    }

    /// <summary>An answer as gobgpd gives one: messages, then the status in the trailers.</summary>
    public static async Task AnswerAsync(HttpContext context, int status, params byte[][] messages)
    {
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(GrpcFrames.Write([.. messages.Select(m => (ReadOnlyMemory<byte>)m)]));
        context.Response.AppendTrailer("grpc-status", status.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Only a status, as gobgpd says that it will not, or knows no such call.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.Headers["grpc-status"] = status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        context.Response.Headers["grpc-message"] = message;
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await web.DisposeAsync();
        Directory.Delete(directory, true);
    }

    static void Assert(bool good) => Xunit.Assert.True(good, "the request is not whole messages");
}
