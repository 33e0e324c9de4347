using Oops.Lab.Harness;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Lab.Keys;

/// <summary>signer (Knot) -> NSD -> NOTIFY -> oops -> a person, a registrar and the parent, with a parent's zone in another Knot.</summary>
public sealed class KeysLabTests
{
    static void Requires()
    {
        LabRequires.Programs("knotd", "knotc", "keymgr", "nsd");
        LabRequires.Nothing(OopsDaemon.Binary is null ? "oops is not built" : null);
    }

    [Fact]
    public async Task A_key_that_the_signer_makes_is_told_to_a_person_by_way_of_NSD_and_its_NOTIFY()
    {
        Requires();
        await using var chain = new KeyChain();
        // The timer is an hour: what is told came by NOTIFY.
        await chain.StartAsync("refresh: { least: 1h, most: 1h }");
        var before = await chain.DsAsync();
        await chain.SignerAsync("zone-key-rollover", KeyChain.Zone, "ksk");
        await chain.ToldAsync(": added ");
        var after = await chain.DsAsync();
        string tag = Assert.Single(after.Keys.Except(before.Keys));
        Assert.Contains(chain.Told, l => l.Contains($"(keys/ns1): added {tag} (KSK, algorithm 13)", StringComparison.Ordinal));

        // Line for line as key-listen wrote it.
        (int code, string text) = await chain.Oops.RunAsync("keys", KeyChain.Zone);
        Assert.Equal(0, code);
        Assert.Matches($@"(?m)^d1\.test\. 2 IN DNSKEY 257 3 13 [A-Za-z0-9+/=]+ ; Key-ID {tag}$", text);
        Assert.Matches($@"(?m)^d1\.test\. 86400 IN DS {before.Keys.Single()} 13 2 [0-9A-F]+$", text);
        Assert.Matches($@"(?m)^d1\.test\. .* ; Key-ID {tag}, there, add-pend since ", (await chain.Oops.RunAsync("keys", "--log", KeyChain.Zone)).Text);

        // The zone asks for another DS, which is a change of the zone too.
        await chain.ToldAsync("delegation-mismatch of d1.test at ns1 is met");
        await chain.ToldAsync("cds-wants-change: d1.test at ns1 asks for another DS (keys/ns1/parent): the zone asks for the DS");
        Assert.DoesNotContain(chain.Told, l => l.Contains("broken of ", StringComparison.Ordinal));
        await chain.ToldAsync($"the zone asks for the DS {tag} 13, and the parent has {before.Keys.Single()} 13");
        Assert.Contains("cds-wants-change", (await chain.ShowsAsync("it does not fit", z => z.Findings.Length > 0)).Findings.Select(f => f.Kind));

        // The registrar's command got both, and so that a DS can be made of them.
        await Wait.UntilAsync("the registrar has both DS", () => after.Values.All(ds => chain.Submitted.Any(l => l.EndsWith("IN DS " + ds, StringComparison.OrdinalIgnoreCase))), TimeSpan.FromSeconds(20), state: () => string.Join('\n', chain.Submitted));
        Assert.Equal(2, chain.Submitted.Count(l => l.Contains(" IN DNSKEY 257 3 13 ", StringComparison.Ordinal)));

        // The parent was told to look, where its DSYNC says.
        await Wait.UntilAsync("NOTIFY(CDS) came", () => chain.Notified.Contains((DnsType.Cds, KeyChain.Zone)), TimeSpan.FromSeconds(20));

        // What happened while oops was down is told at the start.
        await chain.Oops.Process.EndAsync();
        int told = chain.Told.Length;
        await chain.SignerAsync("zone-ksk-submitted", KeyChain.Zone);
        await Wait.UntilAsync("the old KSK is gone", async () => (await OopsDaemon.RunProgramAsync(Harness.Lab.Find("kdig") ?? "dig", "@127.0.0.1", "-p", "5402", KeyChain.Zone, "DNSKEY", "+short")).Text.Split('\n').Count(l => l.StartsWith("257 ", StringComparison.Ordinal)) == 1,
            TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200));
        await chain.Oops.LaunchAsync();
        await Wait.UntilAsync("it is told", () => chain.Told.Skip(told).Any(l => l.EndsWith($"(keys/ns1): removed {before.Keys.Single()} (KSK, algorithm 13)", StringComparison.Ordinal)), TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(100), () => string.Join('\n', chain.Told));
    }

    [Fact]
    public async Task A_rollover_as_that_of_nz_in_2023_is_told_when_the_old_key_is_gone_and_its_DS_still_cached()
    {
        Requires();
        await using var chain = new KeyChain();
        await chain.StartAsync("refresh: { least: 1s, most: 1s }, retry: { least: 1s, most: 1s }");
        var before = await chain.DsAsync();
        await chain.SignerAsync("zone-key-rollover", KeyChain.Zone, "ksk");
        await chain.ShowsAsync("the zone asks for the new DS", z => z.Findings.Any(f => f.Kind == "cds-wants-change"));
        var after = await chain.DsAsync();
        string old = before.Keys.Single(), young = after.Keys.Except(before.Keys).Single();

        // The parent takes it. Nobody fails, and until when the old key has to stay is told.
        await chain.DelegateAsync(new Dictionary<string, string> { [young] = after[young] });
        var swapped = await chain.ShowsAsync("the DS is the new one, and fits", z => z.Ds is [var one] && one.Contains($" DS {young} ", StringComparison.Ordinal) && !z.Findings.Any(f => f.Severity != "note"));
        Assert.Contains(swapped.Findings, f => f.Kind == "ds-still-cached" && f.Text.Contains($"the DS {old} 13 was gone from the parent at ", StringComparison.Ordinal));

        // And the signer believes that it can go: the old DS is in caches for a day.
        await chain.SignerAsync("zone-ksk-submitted", KeyChain.Zone);
        var broken = await chain.ShowsAsync("the old key is gone too early", z => z.Findings.Any(f => f.Kind == "cached-ds-without-key"));
        Assert.Contains(broken.Findings, f => f.Severity == "may-fail" && f.Text.Contains("bring the key back, and keep it until then", StringComparison.Ordinal));
        await chain.ToldAsync($"removed {old} (KSK, algorithm 13)");
        await chain.ToldAsync("they fail; bring the key back, and keep it until then");
        Assert.Contains("does not sign with a key of it", (await chain.Oops.RunAsync("explain", $"zone/ns1/{KeyChain.Zone}")).Text, StringComparison.Ordinal);

        await chain.ToldAsync($"broken of d1.test at ns1 is met (keys/ns1/parent): the DS {old} 13 was gone from the parent at ");

        // A DS of no key at all.
        await chain.DelegateAsync(before);
        await chain.ShowsAsync("validators fail", z => z.Findings.Any(f => f is { Kind: "ds-without-key", Severity: "fails" }));
    }

    [Fact]
    public async Task A_change_of_keys_reaches_a_receiver_of_webhooks_that_was_away_also_after_a_restart()
    {
        Requires();
        await using var receiver = new HookReceiver();
        string key = Path.Combine(Harness.Lab.FreshDirectory("hook"), "key");
        await File.WriteAllTextAsync(key, $"whsec_{Convert.ToBase64String(HookReceiver.Secret)}\n");
        File.SetUnixFileMode(key, UnixFileMode.UserRead);
        await using var chain = new KeyChain { Hook = $"url: 'http://127.0.0.1:{HookReceiver.Port}/hook?token=s3cret', signature: {{ key: {key} }}" };
        await chain.StartAsync("refresh: { least: 1h, most: 1h }");
        receiver.Status = 503;
        await chain.SignerAsync("zone-key-rollover", KeyChain.Zone, "ksk");
        await Wait.UntilAsync("it is posted", () => receiver.Got.Any(static p => p.Body.Contains("added ", StringComparison.Ordinal)), TimeSpan.FromSeconds(60), state: () => chain.Oops.Process.Tail(20));
        var first = receiver.Got.First(static p => p.Body.Contains("added ", StringComparison.Ordinal));
        Assert.True(first.IsSigned);

        // The journal is written in batches; what is in it survives a kill.
        await Wait.UntilAsync("the history has it", async () => (await chain.Oops.RunAsync("history")).Text.Contains("answered 503", StringComparison.Ordinal), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(200));
        Assert.DoesNotContain("s3cret", (await chain.Oops.RunAsync("history")).Text, StringComparison.Ordinal);
        await chain.Oops.Process.EndAsync(LabProcess.KillNow);
        receiver.Status = 204;
        int before = receiver.Got.Count;
        await chain.Oops.LaunchAsync();
        await Wait.UntilAsync("it is posted again", () => receiver.Got.Skip(before).Any(p => p.Id == first.Id), TimeSpan.FromSeconds(60), state: () => chain.Oops.Process.Tail(20));
        var again = receiver.Got.Skip(before).First(p => p.Id == first.Id);
        Assert.Equal(first.Body, again.Body);
        Assert.True(again.IsSigned);
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Single(receiver.Got.Skip(before), p => p.Id == first.Id);
        Assert.DoesNotContain("s3cret", await File.ReadAllTextAsync(chain.Oops.Process.Output), StringComparison.Ordinal);
    }
}
