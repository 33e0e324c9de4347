using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using Oops.Native;
using Oops.Wire.Dns;
using Oops.Wire.Dns.Master;

namespace Oops.Zones;

/// <summary>
/// Hands records on to their sink in another thread, in their order: of a large zone, reading its text and putting it together cost about the same, and so take half the time. A small one is handed on at the end, without a thread.
/// </summary>
internal sealed class RecordRelay(IRecordSink sink) : IRecordSink, IDisposable
{
    /// <summary>What a record has before its owner and data: octets of both, type, TTL.</summary>
    const int Head = sizeof(ushort) + sizeof(ushort) + sizeof(ushort) + sizeof(uint);

    const int BlockSize = 512 * 1024, Blocks = 3;

    readonly BlockingCollection<(byte[] Octets, int Length)> full = new(Blocks);
    readonly ConcurrentBag<byte[]> empty = [];
    readonly ManualResetEventSlim ended = new();
    ExceptionDispatchInfo? thrown;
    byte[] block = new byte[BlockSize];
    int length;
    bool hasThread;

    public void Add(in DnsName owner, DnsType type, uint ttl, ReadOnlySpan<byte> data)
    {
        var name = owner.Wire;
        if (block.Length - length < Head + name.Length + data.Length)
            Next();
        var record = block.AsSpan(length);
        BinaryPrimitives.WriteUInt16LittleEndian(record, (ushort)name.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(record[2..], (ushort)data.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(record[4..], (ushort)type);
        BinaryPrimitives.WriteUInt32LittleEndian(record[6..], ttl);
        name.CopyTo(record[Head..]);
        data.CopyTo(record[(Head + name.Length)..]);
        length += Head + name.Length + data.Length;
    }

    /// <summary>No record comes any more: at its return the sink has had all of them.</summary>
    public void Finish()
    {
        if (!hasThread)
        {
            Hand(block.AsSpan(0, length));
            return;
        }

        Post();
        full.CompleteAdding();
        ended.Wait();
        thrown?.Throw();
    }

    /// <summary>The sink is not called any more at its return; without <see cref="Finish"/> before, it need not have had all.</summary>
    public void Dispose()
    {
        full.CompleteAdding();
        if (hasThread)
            ended.Wait();
        full.Dispose();
        ended.Dispose();
    }

    void Next()
    {
        hasThread = hasThread || Threads.TryStart(HandAll, "zone records");
        if (hasThread)
        {
            Post();
            block = empty.TryTake(out var used) ? used : new byte[BlockSize];
        }
        else
        {
            Hand(block.AsSpan(0, length));
        }

        length = 0;
    }

    void Post()
    {
        while (!full.TryAdd((block, length), 50))
        {
            // What the sink throws ends the reading, too.
            if (ended.IsSet)
                thrown!.Throw();
        }
    }

    void HandAll()
    {
        try
        {
            foreach (var (records, size) in full.GetConsumingEnumerable())
            {
                Hand(records.AsSpan(0, size));
                empty.Add(records);
            }
        }
        catch (Exception e)
        {
            thrown = ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            ended.Set();
        }
    }

    void Hand(ReadOnlySpan<byte> records)
    {
        DnsName owner = default;
        while (!records.IsEmpty)
        {
            var (name, data) = (BinaryPrimitives.ReadUInt16LittleEndian(records), BinaryPrimitives.ReadUInt16LittleEndian(records[2..]));
            var wire = records.Slice(Head, name);
            if (!owner.Wire.SequenceEqual(wire) && !DnsName.TryFromWire(wire, out owner))
                throw new InvalidOperationException("an owner that is no name");
            sink.Add(owner, (DnsType)BinaryPrimitives.ReadUInt16LittleEndian(records[4..]), BinaryPrimitives.ReadUInt32LittleEndian(records[6..]), records.Slice(Head + name, data));
            records = records[(Head + name + data)..];
        }
    }
}
