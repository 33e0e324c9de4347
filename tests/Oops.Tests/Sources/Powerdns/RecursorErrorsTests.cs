using System.Text.Json.Nodes;
using Oops.Config;
using Oops.Core;
using Oops.Servers;
using Oops.Sources.Powerdns;
using Oops.Tests.Servers;
using Xunit;

namespace Oops.Tests.Sources.Powerdns;

/// <summary>Extended DNS Errors of a Recursor, by its counters of bogus answers.</summary>
public sealed class RecursorErrorsTests : IAsyncLifetime
{
    readonly CannedApi api = new();
    volatile string statistics = Repository.Text("tests/vectors/powerdns/recursor-statistics.json");

    public ValueTask InitializeAsync()
    {
        api.Answer = path => path.Contains("statistics", StringComparison.Ordinal) ? statistics : Repository.Text("tests/vectors/powerdns/recursor-server.json");
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => api.DisposeAsync();

    [Fact]
    public async Task What_was_recorded_is_five_answers_without_signatures()
    {
        // Each of them had EDE 10.
        var reading = await ReadAsync();
        Assert.Equal(5, reading.Queries);
        Assert.Equal([new(1, 0), new(2, 0), new(6, 0), new(7, 0), new(8, 0), new(9, 0), new(10, 5), new(11, 0), new(12, 0)], reading.Errors);
    }

    [Theory]
    [InlineData("no-valid-dnskey", 9)]
    [InlineData("invalid-denial", 12)]
    [InlineData("unable-to-get-dss", 6)]
    [InlineData("unable-to-get-dnskeys", 9)]
    [InlineData("self-signed-ds", 6)]
    [InlineData("no-rrsig", 10)]
    [InlineData("no-valid-rrsig", 6)]
    [InlineData("missing-negative-indication", 12)]
    [InlineData("signature-not-yet-valid", 8)]
    [InlineData("signature-expired", 7)]
    [InlineData("unsupported-dnskey-algo", 1)]
    [InlineData("unsupported-ds-digest-type", 2)]
    [InlineData("no-zone-key-bit-set", 11)]
    [InlineData("revoked-dnskey", 6)]
    [InlineData("invalid-dnskey-protocol", 6)]
    public async Task Each_reason_counts_as_the_code_that_its_answers_have(string reason, int code)
    {
        var before = (await ReadAsync()).Errors;
        statistics = With(reason, "1000");
        var after = (await ReadAsync()).Errors;
        Assert.Equal([code], before.Zip(after).Where(p => p.First != p.Second).Select(p => p.Second.Code));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("x")]
    [InlineData("-1")]
    public async Task A_counter_that_is_missing_or_none_makes_no_claim_of_errors_and_spares_the_rate(string? value)
    {
        statistics = With("signature-expired", value);
        var reading = await ReadAsync();
        Assert.True(reading is { Queries: 5, Errors.IsDefault: true });
    }

    [Fact]
    public async Task The_source_tells_rates_by_code_and_nothing_of_the_counters_of_another_process()
    {
        // The first reading of all compiles much, and a slow one is not repeated soon.
        await ReadAsync();
        var engine = new RecordingEngine();
        using var stop = new CancellationTokenSource();
        var running = new PowerdnsSource(Options with { RateInterval = TimeSpan.FromSeconds(1) }).RunAsync(engine, stop.Token);
        // It has read what it counts from.
        engine.Next<ErrorRates>(r => r.Channel == "powerdns/r1/rate");
        statistics = With("no-rrsig", "1000000");
        engine.Next<ErrorRates>(r => r is { Channel: "powerdns/r1/rate", Codes: [{ Code: 10, PerSecond: > 1000 }] });
        // It was restarted, and has bogus answers of another sort.
        statistics = With("signature-expired", "5000000").Replace("\"1000000\"", "\"0\"", StringComparison.Ordinal);
        engine.Next<ErrorRates>(r => r.Codes.IsEmpty);
        await stop.CancelAsync();
        _ = await Record.ExceptionAsync(() => running);
        Assert.DoesNotContain(engine.All, i => i.Input is ErrorRates rates && rates.Codes.Any(c => c.Code != 10 || c.PerSecond < 0));
    }

    [Theory]
    [InlineData("recursor", "[rrsigs-missing]", null)]
    [InlineData("recursor", "[dnssec-bogus, no-reachable-authority]", "powerdns/r1/rate counts only 1 (unsupported-dnskey-algorithm), 2 ")]
    [InlineData("recursor", "[no-reachable-authority]", "powerdns/r1/rate counts only 1 (unsupported-dnskey-algorithm), 2 ")]
    [InlineData("powerdns", "[rrsigs-missing]", "no source covers extended-error for server r1")]
    public void Codes_that_are_not_counted_are_refused(string kind, string codes, string? says)
    {
        var loaded = ConfigLoader.LoadText(ConfigJson.Default.OopsConfig, new ConfigText("oops.yaml", $$"""
            mode: observe
            servers: { r1: { kind: {{kind}}, address: 192.0.2.1 } }
            conditions: { errors: { kind: extended-error, codes: {{codes}}, rate: 5 } }
            sources: { powerdns: [ { server: r1, key-file: /etc/oops/pdns.key } ] }
            actions: { exec: [ { name: told, command: [/bin/true] } ] }
            rules: [ { on: errors, servers: [r1], do: [ { run: told } ] } ]

            """));
        PolicyCompiler.Compile(loaded.Config!, Wiring.Of(loaded, loaded.Config!), loaded.Errors, "");
        var lines = string.Join('\n', loaded.Errors.Lines);
        if (says is null) Assert.True(loaded.Errors.Ok, lines);
        else Assert.Contains(says, lines, StringComparison.Ordinal);
    }

    // Null: without it.
    string With(string reason, string? value)
    {
        var all = JsonNode.Parse(statistics)!.AsArray();
        var counter = all.Single(s => (string?)s!["name"] == "dnssec-result-bogus-" + reason)!;
        if (value is null) all.Remove(counter);
        else counter["value"] = value;
        return all.ToJsonString();
    }

    PowerdnsOptions Options => new("r1", Recursor: true, new HttpApiOptions("powerdns", api.Address, TimeSpan.FromSeconds(2)) { ReadKey = () => ("key", "") }, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

    async Task<CounterReading> ReadAsync()
    {
        using var access = new ApiAccess(Options.Api, null, TimeProvider.System);
        return await PowerdnsCounters.ReadAsync(access, Options, TestContext.Current.CancellationToken);
    }
}
