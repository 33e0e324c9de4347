using Oops.Control;
using Oops.Journal;
using Oops.Sources.Verify;
using Oops.Tests.Wire.Dns;
using Oops.Tests.Zones;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Control;

/// <summary>What became of the versions that a gate was asked about has lines in the history.</summary>
public sealed class GateHistoryTests : IAsyncDisposable
{
    const string Zone = "cat.test";

    readonly string folder = Directory.CreateTempSubdirectory("oops-verified-").FullName;
    readonly FakePrimary primary = new() { Serve = static (query, wire) => wire.SendAsync(Whole(query, 5, 30)) };
    readonly FakePrimary waiting = new();

    public async ValueTask DisposeAsync()
    {
        await primary.DisposeAsync();
        await waiting.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_version_that_is_let_in_or_kept_out_or_not_judged_in_time_has_a_line_and_so_has_a_persons_word()
    {
        using var source = new VerifySource(new VerifyTarget
        {
            Server = "ns1",
            Zones = [Zone],
            From = [new Primary(primary.Address)],
            Options = new VerifyOptions { Now = 0, Keep = true },
            Brake = new SizeLimit(10, 5),
            Folder = folder,
        });
        await using var oops = await Living.StartAsync(source: source);
        for (var i = 0; i < 500 && source.Find(Zone)?.Report is null; i++)
            await Task.Delay(20, Stop);

        Assert.True((await AskAsync(oops, 6, 31))!.Pass);
        Assert.False((await AskAsync(oops, 7, 5))!.Pass);
        waiting.Serve = static (_, wire) => wire.HangAsync();
        Assert.Null((await oops.Client.GetAsync(At("0.2"), VerifyJson.Default.VerifyReport, Stop)).Answer);
        Assert.Equal(0, (await oops.SayAsync("accept", new VerbRequest { Subject = Zone, Serial = 7 })).Exit);
        Assert.True((await AskAsync(oops, 7, 5))!.Pass);

        var lines = await HistoryAsync(oops);
        var at = new Primary(waiting.Address);
        Assert.Equal(["let in", "kept out", "not judged", "accept the size of serial 7", "let in"], lines.Select(l => l.To));
        Assert.Equal(["zone", "zone", "zone", "operator", "zone"], lines.Select(l => l.Kind));
        Assert.Matches($"^verify/ns1: {at}, after [0-9.]+ s: serial 6$", lines[0].Text);
        Assert.Matches($"^verify/ns1: {at}, after [0-9.]+ s: serial 7: size-records at cat.test ", lines[1].Text);
        Assert.EndsWith("s: no verdict within 200ms", lines[2].Text, StringComparison.Ordinal);
        Assert.NotEmpty(lines[3].Text);
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    string At(string within) => $"/verify?zone={Zone}&within={within}&at={Uri.EscapeDataString(waiting.Address.Address + "@" + waiting.Address.Port)}";

    async Task<VerifyReport?> AskAsync(Living oops, uint serial, int names)
    {
        waiting.Serve = (query, wire) => wire.SendAsync(Whole(query, serial, names));
        var (report, text) = await oops.Client.GetAsync(At("20"), VerifyJson.Default.VerifyReport, Stop);
        Assert.True(report is not null, text);
        return report;
    }

    /// <summary>The oldest first.</summary>
    static async Task<List<Decision>> HistoryAsync(Living oops)
    {
        await oops.SayAsync("flush", new VerbRequest());
        var (answer, _) = await oops.Client.GetAsync($"/history?id=zone%2Fns1%2F{Zone}", ControlJson.Default.HistoryAnswer, Stop);
        return [.. answer!.History];
    }

    static byte[] Whole(byte[] query, uint serial, int names)
    {
        var message = new TransferMessage(FakePrimary.IdOf(query), Zone, FakePrimary.TypeOf(query)).Soa(serial);
        if (FakePrimary.TypeOf(query) == DnsType.Ixfr && FakePrimary.SerialOf(query) >= serial)
            return message.Bytes();
        message.Record(Zone, DnsType.Ns, DnsNameTests.Name("ns.other").Wire.ToArray());
        for (var i = 0; i < names; i++)
            message.Txt($"n{i}.{Zone}", "x");
        return message.Soa(serial).Bytes();
    }
}
