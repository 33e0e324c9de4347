using System.Diagnostics;
using System.Globalization;
using System.Net;
using Oops.Sources.Bind;
using Oops.Tests.Servers;

namespace Oops.Tests.Sources.Bind;

/// <summary>A statistics channel that answers as the test says, and the source that reads it.</summary>
internal sealed class FakeNamed : IAsyncDisposable
{
    readonly FakeHttp http;
    readonly CancellationTokenSource stop = new();
    readonly Stopwatch watch = Stopwatch.StartNew();
    DateTime began = new(2001, 1, 1, 12, 0, 0, DateTimeKind.Utc);
    Task running = Task.CompletedTask;

    public FakeNamed() => http = new(AnswerAsync);

    public SpokenEngine Engine { get; } = new();

    public BindSource Source { get; private set; } = null!;

    /// <summary>Answers `/json/v1/zones`; null: with <see cref="Listed"/>.</summary>
    public HttpAnswer? Zones { get; set; }

    /// <summary>Answers `/json/v1/status`; null: as named does.</summary>
    public HttpAnswer? Status { get; set; }

    /// <summary>The zones of the list, JSON objects.</summary>
    public string Listed { get; set; } = "";

    /// <summary>All views, instead.</summary>
    public string? Views { get; set; }

    /// <summary>What the server's clock shows; it goes on from what it was set to.</summary>
    public string Now
    {
        get => (began + watch.Elapsed).ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        set
        {
            began = DateTime.Parse(value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
            watch.Restart();
        }
    }

    public string Boot { get; set; } = "2001-01-01T11:00:00.000Z";

    /// <summary>The counters: members of `/json/v1/server`.</summary>
    public string Counters { get; set; } = "\"opcodes\":{\"QUERY\":0}";

    public IPEndPoint Address => http.Address;

    /// <summary>How often a path was asked for.</summary>
    public int Asked(string path) => http.Asked.Count(h => h.StartsWith($"GET {path} ", StringComparison.Ordinal));

    public string Head => $"{{\"json-stats-version\":\"1.7\",\"boot-time\":\"{Boot}\",\"config-time\":\"{Boot}\",\"current-time\":\"{Now}\",\"version\":\"9.18.49\"";

    public static string Primary(string name, uint? serial) =>
        $"{{\"name\":\"{name}\",\"class\":\"IN\",{(serial is null ? "" : $"\"serial\":{serial},")}\"type\":\"primary\",\"loaded\":\"{(serial is null ? "1970-01-01T00:00:00Z" : "2001-01-01T11:00:00Z")}\"}}";

    public static string Secondary(string name, uint? serial, string expires, string refresh = "2001-01-01T13:00:00Z", string loaded = "2001-01-01T11:00:00Z") =>
        $"{{\"name\":\"{name}\",\"class\":\"IN\",{(serial is null ? "" : string.Create(CultureInfo.InvariantCulture, $"\"serial\":{serial},"))}\"type\":\"secondary\",\"loaded\":\"{loaded}\",\"expires\":\"{expires}\",\"refresh\":\"{refresh}\"}}";

    public void Start(Func<BindOptions, BindOptions>? change = null, IPEndPoint? at = null)
    {
        var options = new BindOptions("ns1", at ?? Address, TimeSpan.FromSeconds(1), TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Source = new(change is null ? options : change(options));
        running = Source.RunAsync(Engine, stop.Token);
    }

    /// <summary>What the source has counted.</summary>
    public long Counted(string name) => Source.Counted.Single(c => c.Name == name).Value;

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await http.DisposeAsync();
        stop.Dispose();
    }

    Task AnswerAsync(string path, Stream stream, CancellationToken ending)
    {
        var answer = path switch
        {
            "/json/v1/zones" => Zones ?? FakeHttp.Ok(Head + ",\"views\":{" + (Views ?? "\"_default\":{\"zones\":[" + Listed + "]}") + "}}"),
            "/json/v1/status" => Status ?? FakeHttp.Ok(Head + "}"),
            "/json/v1/server" => FakeHttp.Ok($"{Head},{Counters}}}"),
            _ => FakeHttp.Raw("HTTP/1.1 404 No such URL\r\nContent-Length: 0\r\n\r\n"),
        };
        return answer(path, stream, ending);
    }
}
