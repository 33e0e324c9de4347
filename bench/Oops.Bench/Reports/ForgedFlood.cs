using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Oops.Bench.Listener;
using Oops.Lab.Harness;

namespace Oops.Bench.Reports;

/// <summary>
/// Forged reports, each of another name, from tens of thousands of networks and over UDP, with some that come again and again among them. Meanwhile three resolvers report a zone that the flood is about, and one that it is not, over TCP: both must be seen.
/// </summary>
internal sealed class ForgedFlood(Subject subject, string folder)
{
    const int Window = 256, Frequent = 20, Networks = 65_521; // a prime: so each of the frequent ones comes from all of them
    const string Quiet = "quiet.example";

    static readonly TimeSpan Piece = TimeSpan.FromSeconds(5);
    static readonly int[] Codes = [6, 7, 9];

    /// <summary>The zones that the flood is about.</summary>
    public static IReadOnlyList<string> Zones { get; } = [.. Enumerable.Range(0, 1000).Select(i => string.Create(CultureInfo.InvariantCulture, $"zone{i}.example"))];

    /// <summary>All that the daemon knows.</summary>
    public static IReadOnlyList<string> Configured => [.. Zones, Quiet];

    public async Task<bool> RunAsync(int count)
    {
        var names = Path.Combine(folder, "forged");
        // One in a hundred is one of the frequent.
        File.WriteAllLines(names, Enumerable.Range(0, 100 * Frequent).Select(static i => i % 100 == 0
            ? $"_er.1.{Name(i / 100)}.7._er.{ListenerBench.Zone}"
            : $"_er.1.forged00000000.{Zones[i % Zones.Count]}.{Codes[i % Codes.Length].ToString(CultureInfo.InvariantCulture)}._er.{ListenerBench.Zone}"));
        using var load = new Load(names);
        var (before, counted) = (subject.Resident, await CountedAsync());
        var (most, answered, lost) = (before, 0L, 0L);
        var told = Task.CompletedTask;
        while (answered < count)
        {
            var result = await Task.Run(() => load.Udp(subject.Port, Piece, new() { Window = Window, Networks = Networks }));
            answered += (long)(result.Rate * Piece.TotalSeconds);
            lost += result.Lost;
            most = Math.Max(most, subject.Resident);
            // In the middle of it.
            if (told == Task.CompletedTask) told = Task.Run(ReportAsync);
        }

        await told;
        await Task.Delay(TimeSpan.FromSeconds(3)); // what it counts is stored every second
        var news = await CountedAsync();
        Rounds.Print("reports-forged", "reports", [answered]);
        Rounds.Print("reports-forged-rss", "MB more", [Math.Max(most, subject.Resident) - before]);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{before:0.0} MB before, {most:0.0} at most, {lost} lost; counted: {string.Join(", ", news.Select(n => $"{n.Key} {n.Value - counted.GetValueOrDefault(n.Key)}").Where(static n => !n.EndsWith(" 0", StringComparison.Ordinal)))}"));
        var top = await TopAsync();
        var found = Enumerable.Range(0, Frequent).Count(i => top.Contains(Name(i)));
        Rounds.Print("reports-frequent-found", $"of {Frequent}", [found]);
        var seen = 0;
        foreach (var zone in new[] { Quiet, Zones[7] })
        {
            var (_, text) = await OopsAsync("explain", $"condition/reported/ns1/{zone}");
            if (text.Contains(": met", StringComparison.Ordinal)) seen++;
            else Console.WriteLine($"{zone} is not seen:\n{text}");
        }

        Rounds.Print("reports-true-seen", "of 2 zones", [seen]);
        return found == Frequent && seen == 2;
    }

    static string Name(int i) => string.Create(CultureInfo.InvariantCulture, $"frequent{i}.{Zones[i]}");

    /// <summary>Ten names of each zone, from five networks, as resolvers do it.</summary>
    async Task ReportAsync()
    {
        foreach (var zone in new[] { Quiet, Zones[7] })
        {
            for (var i = 0; i < 50; i++)
            {
                var query = Queries.Of([string.Create(CultureInfo.InvariantCulture, $"_er.1.true{i % 10}.{zone}.7._er.{ListenerBench.Zone}")])[0];
                using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(new IPAddress([127, 200, (byte)(i / 10), 1]), 0));
                await socket.ConnectAsync(IPAddress.Loopback, subject.Port);
                var message = new byte[2 + query.Length];
                BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)query.Length);
                query.CopyTo(message, 2);
                await socket.SendAsync(message);
                await socket.ReceiveAsync(message);
            }
        }
    }

    /// <summary>The names that the daemon lists first.</summary>
    async Task<HashSet<string>> TopAsync()
    {
        var (code, text) = await OopsAsync("reports", "--json", "--top", Frequent.ToString(CultureInfo.InvariantCulture));
        if (code != 0) throw new InvalidOperationException(text);
        return [.. text.Split('\n').Where(static l => l.StartsWith('{')).Select(static l => JsonDocument.Parse(l).RootElement.GetProperty("name").GetString()!)];
    }

    /// <summary>What the daemon has counted.</summary>
    async Task<Dictionary<string, long>> CountedAsync()
    {
        var (code, text) = await OopsAsync("status", "--json");
        if (code != 0) throw new InvalidOperationException(text);
        return JsonDocument.Parse(text).RootElement.GetProperty("counts").EnumerateArray().Where(static c => c.GetProperty("by").GetString()!.StartsWith("error-reports", StringComparison.Ordinal))
            .ToDictionary(static c => c.GetProperty("name").GetString()!, static c => c.GetProperty("value").GetInt64());
    }

    Task<(int Code, string Text)> OopsAsync(params string[] arguments) => OopsDaemon.RunProgramAsync([OopsDaemon.Binary!, .. arguments, "--socket", Path.Combine(subject.Folder, "run", "control.sock")]);
}
