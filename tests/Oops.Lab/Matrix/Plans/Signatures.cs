using System.Globalization;
using Oops.Lab.Harness;

namespace Oops.Lab.Matrix.Plans;

/// <summary>What DNSSEC makes of a zone: signatures that live for 40 seconds, one that is wrong, a new key.</summary>
internal static class Signatures
{
    static readonly TimeSpan Short = TimeSpan.FromSeconds(40), Long = TimeSpan.FromHours(1), Before = TimeSpan.FromSeconds(30);

    public static Plan Lapse { get; } = new([Rows.Signatures], new(), async stage =>
    {
        string zone = stage.Zone;
        await SignAsync(stage, Long);
        await stage.BelievesAsync($"signatures/{zone}", "not-met");
        var from = DateTimeOffset.UtcNow;
        var ends = await SignAsync(stage, Short);
        var lapsing = await stage.SeenAsync($"signatures/{zone}", "met", from, ends - Before);
        from = DateTimeOffset.UtcNow;
        uint serial = 0;
        await SignAsync(stage, Long, s => serial = s);
        var signed = await stage.Truth.SerialAsync(zone, serial);
        return new() { [Rows.Signatures] = new(lapsing, await stage.SeenAsync($"signatures/{zone}", "not-met", from, signed)) };
    });

    /// <summary>A server that validates gets a zone with a record that its signature does not cover.</summary>
    public static Plan Invalid { get; } = new([Rows.Invalid], new() { Validates = true }, async stage =>
    {
        string zone = stage.Zone;
        await SignAsync(stage, Long);
        await stage.BelievesAsync($"zone-ready/{zone}", "met");
        var from = DateTimeOffset.UtcNow;
        uint serial = await stage.Primary.UpdateAsync(zone, async s => (await SignedZone.OfAsync(zone, s, DateTimeOffset.UtcNow + Long)).Replace("192.0.2.1", "192.0.2.2", StringComparison.Ordinal));
        var given = await stage.PrimaryTruth.SerialAsync(zone, serial);
        var invalid = await stage.SeenAsync($"zone-invalid/{zone}", "met", from, given);
        from = DateTimeOffset.UtcNow;
        serial = 0;
        await SignAsync(stage, Long, s => serial = s);
        var valid = await stage.Truth.SerialAsync(zone, serial);
        return new() { [Rows.Invalid] = new(invalid, await stage.SeenAsync($"zone-invalid/{zone}", "not-met", from, valid)) };
    })
    { Quick = true };

    public static Plan NewKeys { get; } = new([Rows.Keys], new() { Signs = true }, async stage =>
    {
        var from = DateTimeOffset.UtcNow;
        await stage.Node.NewKeyAsync(stage.Zone);
        return new() { [Rows.Keys] = new(await stage.SeenAsync($"keys-changed/{stage.Zone}", "*", from), null) };
    })
    {
        Quick = true,
        // The first keys that are heard of, when it starts, are no change.
        BeforeAsync = stage => stage.BelievesAsync($"keys-changed/{stage.Zone}", "met"),
    };

    /// <summary>Gives when its signatures end.</summary>
    static async Task<DateTimeOffset> SignAsync(Stage stage, TimeSpan life, Action<uint>? told = null)
    {
        // Whole seconds, as signatures have them.
        var ends = DateTimeOffset.FromUnixTimeSeconds((DateTimeOffset.UtcNow + life).ToUnixTimeSeconds());
        uint serial = await stage.Primary.UpdateAsync(stage.Zone, s => SignedZone.OfAsync(stage.Zone, s, ends));
        told?.Invoke(serial);
        await stage.Truth.SerialAsync(stage.Zone, serial);
        return ends;
    }
}

/// <summary>dnssec-signzone of BIND, with keys of the lab.</summary>
internal static class SignedZone
{
    static readonly string Keys = Harness.Lab.FreshDirectory("keys");

    /// <summary>The zone's text, signed until then.</summary>
    public static async Task<string> OfAsync(string zone, uint serial, DateTimeOffset ends)
    {
        if (Directory.GetFiles(Keys, $"K{zone}.*.key").Length == 0)
            await OopsDaemon.DoProgramAsync("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "-K", Keys, zone);
        if (Directory.GetFiles(Keys, $"K{zone}.*.key").Length == 1)
            await OopsDaemon.DoProgramAsync("dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-K", Keys, zone);
        string plain = Path.Combine(Keys, zone + ".plain"), signed = Path.Combine(Keys, zone + ".signed");
        await File.WriteAllTextAsync(plain, ZoneText.Of(zone, serial, new ZoneTimers(Refresh: 3600, Retry: 600, Expire: 86400)));
        await OopsDaemon.DoProgramAsync("dnssec-signzone", "-q", "-S", "-P", "-K", Keys, "-d", Keys, "-o", zone, "-s", "-3600", "-e", ends.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture), "-O", "full", "-f", signed, plain);
        return await File.ReadAllTextAsync(signed);
    }
}
