using System.Collections.Concurrent;
using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using Oops.Native;

namespace Oops.Tests.Actions.Exabgp;

/// <summary>The control process of an ExaBGP: two named pipes, of which it keeps one open, and opens the other for each answer. It answers, or misbehaves, by the function.</summary>
internal sealed partial class FakeExabgp : IAsyncDisposable
{
    public const string Heading = "Peer            AS        up/down state       |     #sent     #recvd\n";

    readonly CancellationTokenSource stop = new();
    readonly string directory = Directory.CreateTempSubdirectory("fakeexabgp").FullName;
    readonly PipeStream? requests;
    readonly Func<string, string> answer;
    readonly Task serving;

    public FakeExabgp(Func<string, string>? answer)
    {
        this.answer = answer ?? (_ => "");
        Pipes = Path.Combine(directory, "exabgp");
        if (MakeFifo(Pipes + ".in", 0x180) != 0 || MakeFifo(Pipes + ".out", 0x180) != 0) throw new IOException("mkfifo");
        requests = answer is null ? null : NamedPipe.TryOpenToRead(Pipes + ".in", out _);
        serving = requests is null ? Task.CompletedTask : ServeAsync(requests);
    }

    /// <summary>An ExaBGP that knows marks and its version; the rest by the function, null: `done`.</summary>
    public static Func<string, string> Answering(Func<string, string?> rest) => command => command switch
    {
        "version" => "exabgp 4.2.21\ndone\n",
        "show adj-rib out oops-mark" => "done\n",
        "show neighbor summary oops-mark" => Heading + "done\n",
        _ => rest(command) ?? "done\n",
    };

    /// <summary>The base path.</summary>
    public string Pipes { get; }

    public bool ByteByByte { get; set; }

    /// <summary>All but the marks and the version.</summary>
    public ConcurrentQueue<string> Commands { get; } = [];

    /// <summary>Writes what nobody asked for; false when nobody has the pipe open.</summary>
    public async Task<bool> SendAsync(string text)
    {
        for (var tries = 0; tries < 20; tries++)
        {
            using var replies = NamedPipe.TryOpenToWrite(Pipes + ".out", out _);
            if (replies is not null)
            {
                await replies.WriteAsync(Encoding.UTF8.GetBytes(text), stop.Token);
                return true;
            }

            await Task.Delay(5, stop.Token);
        }

        return false;
    }

    /// <summary>Somebody who reads the answers, too.</summary>
    public PipeStream Thief() => NamedPipe.TryOpenToRead(Pipes + ".out", out _)!;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving;
        requests?.Dispose();
        stop.Dispose();
        Directory.Delete(directory, true);
    }

    async Task ServeAsync(PipeStream from)
    {
        var buffer = new byte[4096];
        var text = "";
        try
        {
            while (true)
            {
                text += Encoding.UTF8.GetString(buffer, 0, await from.ReadAsync(buffer, stop.Token));
                for (var end = text.IndexOf('\n', StringComparison.Ordinal); end >= 0; end = text.IndexOf('\n', StringComparison.Ordinal))
                {
                    var command = text[..end];
                    text = text[(end + 1)..];
                    if (command != "version" && !command.EndsWith("oops-mark", StringComparison.Ordinal)) Commands.Enqueue(command);
                    if (answer(command) is not { Length: > 0 } said) continue;
                    foreach (var piece in ByteByByte ? said.Select(c => c.ToString()) : [said]) await SendAsync(piece);
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeFifo(string path, uint mode);
}
