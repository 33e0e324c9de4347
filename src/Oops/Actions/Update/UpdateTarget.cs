using System.Buffers.Binary;
using Oops.Dns;
using Oops.Native;
using Oops.Sync;
using Oops.Wire.Dns;
using Oops.Zones;
using Oops.Zones.Compact;

namespace Oops.Actions.Update;

/// <summary>A server that is read by transfer and written by UPDATE. Each message asks that the zone still have the SOA that it had when it was read, so that nothing is written over what somebody else has just written (RFC 2136, 2.4.2).</summary>
internal sealed class UpdateTarget(Primary server, TsigKey[] keys, SyncScope scope, TransferLimits limits, TimeProvider time) : ISyncTarget
{
    /// <summary>Octets of a message besides its records: header, zone, the SOA that is asked for.</summary>
    const int Around = DnsHeader.Size + DnsName.MaxLength + 4 + DnsName.MaxLength + UpdateMessage.RecordHead + (2 * DnsName.MaxLength) + 20;

    /// <summary>Octets of the data of an SOA from its serial on.</summary>
    const int SoaNumbers = 20;

    readonly TsigKey? key = NotifyKeys.Find(keys, server.Key);

    public string Where => server.ToString();

    public SyncScope Scope => scope;

    public bool Takes(DnsType type) => true;

    public async Task<TargetReading> ReadAsync(DnsName zone, CancellationToken stop)
    {
        var taken = await new ZoneIntake(new Primaries([server], keys, time), limits).RunAsync(ZoneVersion.Nothing(zone), stop).ConfigureAwait(false);
        return taken.Version is { } version ? new(new TargetZone(version)) : new(null, $"the target cannot be read: {taken.Round.Why}");
    }

    public async Task<TargetWriting> WriteAsync(SyncPlan plan, List<string> unfinished, CancellationToken stop)
    {
        using var link = new UpdateLink(server, key, limits.Idle, time);
        if (await link.OpenAsync(stop).ConfigureAwait(false) is { } unreached)
            return new($"{Where}: {unreached}");
        var soa = plan.Target.Version.ApexNode.Get(DnsType.Soa).First.ToArray();
        var first = true;
        foreach (var edits in UpdateEdits.Messages(plan, UpdateMessage.MostSize - Around))
        {
            if (!first && await RenewAsync(link, plan.Zone.Apex, soa, stop).ConfigureAwait(false) is { } unknown)
                return new($"{Where}: {unknown}");
            first = false;
            var id = Unpredictable.UInt16();
            var (answer, why) = await link.AskAsync((buffer, number) => Write(buffer, number, plan.Zone.Apex, soa, edits), id, stop).ConfigureAwait(false);
            if (answer is null)
                return new($"{Where}: {why}");
            if (UpdateMessage.Read(answer, id) is not DnsRcode.NoError and var rcode)
                return Refused(rcode);
        }

        return new(null);
    }

    static int Write(Span<byte> buffer, ushort id, in DnsName zone, byte[] soa, IReadOnlyList<UpdateEdit> edits)
    {
        var message = new UpdateMessage(buffer, id, zone);
        message.Require(zone, DnsType.Soa, soa);
        foreach (var edit in edits)
            edit.Write(ref message);
        return message.Length;
    }

    /// <summary>What was taken has raised the serial. Null: it is in <paramref name="soa"/>; else why it is not known.</summary>
    static async Task<string?> RenewAsync(UpdateLink link, DnsName zone, byte[] soa, CancellationToken stop)
    {
        var id = Unpredictable.UInt16();
        var (message, why) = await link.AskAsync((buffer, number) => SoaQuery.Write(buffer, number, zone, SoaQueryOptions.None), id, stop).ConfigureAwait(false);
        if (message is null)
            return why;
        if (SoaAnswer.TryRead(message, id, zone, out var answer) != AnswerReading.Answer || answer.Soa is not { } now)
            return "it does not tell the SOA of the zone that it has just taken an update of";
        BinaryPrimitives.WriteUInt32BigEndian(soa.AsSpan(soa.Length - SoaNumbers), now.Serial);
        return null;
    }

    TargetWriting Refused(DnsRcode? rcode) => rcode switch
    {
        null => new($"{Where} answered something else"),
        DnsRcode.NxRrset => new($"{Where}: somebody else has changed the zone in the meantime"),
        DnsRcode.ServFail => new($"{Where} answered SERVFAIL"),
        DnsRcode.NotAuth or DnsRcode.NotZone => new($"{Where} answered {DnsWords.Of(rcode.Value)}: it is not the primary of the zone, or has not the key", ForGood: true),
        DnsRcode.Refused => new($"{Where} answered REFUSED: it does not take updates from here, or by this key", ForGood: true),
        _ => new($"{Where} answered {DnsWords.Of(rcode.Value)}", ForGood: true),
    };
}
