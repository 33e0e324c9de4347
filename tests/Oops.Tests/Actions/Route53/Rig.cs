using Oops.Actions.Route53;
using Oops.Aws;
using Oops.Sync;
using Oops.Tests.Sync;
using Oops.Tests.Zones;
using Oops.Wire.Dns;
using Oops.Zones;
using Xunit;

namespace Oops.Tests.Actions.Route53;

/// <summary>A primary, the stand-in, and the sync between them.</summary>
internal sealed class Rig(double changes = 100_000) : IAsyncDisposable
{
    readonly FakePrimary primary = new();

    public FakeRoute53 Aws { get; } = new(changes: changes);

    public Dictionary<string, string> Variables { get; } = new() { ["AWS_ACCESS_KEY_ID"] = FakeRoute53.KeyId, ["AWS_SECRET_ACCESS_KEY"] = FakeRoute53.Secret, ["AWS_EC2_METADATA_DISABLED"] = "true" };

    public Dictionary<string, string> ZoneIds { get; } = [];

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public TransferLimits Limits { get; set; } = new();

    public TimeSpan InSync { get; set; } = TimeSpan.FromMinutes(1);

    public Route53Config Config => new() { Name = "to-aws", Endpoint = Aws.Address.AbsoluteUri, HostedZones = [.. ZoneIds.Select(z => new HostedZoneConfig { Zone = new(z.Key), Id = z.Value })], InSyncTimeout = InSync, Changes = 100_000, Timeout = TimeSpan.FromSeconds(5) };

    public Route53Target Target() => new(new Route53Api(Config, new AwsSurroundings(Variables.GetValueOrDefault), Time), Config.Ids(), Limits, Time);

    /// <summary>The zone example with those lines (see <see cref="MadeZone"/>) is carried.</summary>
    public Task<SyncResult> RunAsync(string lines, bool forced = false, bool writes = true, uint serial = 1, ISyncTarget? target = null)
    {
        MadeZone.Serve(primary, MadeZone.Of(lines, serial));
        return new SyncRun(new Primaries([new(primary.Address)], [], TimeProvider.System), new TransferLimits(), target ?? Target(), new SyncBrake()).RunAsync(new(MadeZone.Name, Writes: writes, Forced: forced), TestContext.Current.CancellationToken);
    }

    /// <summary>As it is at the stand-in afterwards, without the server's address that every zone has.</summary>
    public async Task<string[]> CarryAsync(string lines)
    {
        var result = await RunAsync(lines, forced: true);
        Assert.True(result.End is SyncEnd.Written or SyncEnd.Same, result.Why);
        return [.. Aws.Zones[0].Lines.Where(l => !l.StartsWith("ns1.example.", StringComparison.Ordinal))];
    }

    public async ValueTask DisposeAsync()
    {
        await primary.DisposeAsync();
        await Aws.DisposeAsync();
    }
}
