using System.Globalization;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

/// <summary>
/// Mutations of real messages through every reader: nothing throws and nothing grows. About a second by default; OOPS_FUZZ_N sets the number of messages (10,000,000 in
/// the long run), OOPS_FUZZ_SEED the first seed.
/// </summary>
public sealed class DnsFuzzTests
{
    static readonly TsigKey[] Keys = [new(DnsNameTests.Name("k-sha256"), TsigAlgorithm.HmacSha256, "sixteen-octets-k"u8)];
    readonly byte[] reply = new byte[NotifyRequest.MaxReply + Tsig.MaxSize];
    readonly char[] text = new char[DnsName.MaxText];

    [Fact]
    public void No_message_makes_a_reader_throw_or_grow()
    {
        var count = Number("OOPS_FUZZ_N", 150_000);
        var seed = Number("OOPS_FUZZ_SEED", 1);
        var corpus = DnsVectors.Everything().ToArray();
        var random = new Random((int)seed);
        var buffer = new byte[2048];
        for (var i = 0L; i < count; i++)
        {
            var message = buffer.AsSpan(0, Mutate(random, corpus, buffer));
            try
            {
                if (Grows(message, out _) && Grows(message, out var by)) // a first call may load code
                    Assert.Fail($"{by} octets allocated");
            }
            catch (Exception e)
            {
                Assert.Fail($"message {i} of seed {seed}: {Convert.ToHexStringLower(message)}\n{e}");
            }
        }
    }

    bool Grows(ReadOnlySpan<byte> message, out long by)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var texts = ReadAll(message);
        by = GC.GetAllocatedBytesForCurrentThread() - before;
        return by > 2000 * texts;
    }

    /// <summary>Returns how many texts (NSID, EDE) were kept, which alone may allocate.</summary>
    int ReadAll(ReadOnlySpan<byte> message)
    {
        var texts = 0;
        if (DnsHeader.TryRead(message, out var header))
        {
            var reader = new DnsReader(message);
            if (reader.TryReadQuestion(out var zone, out _, out _))
            {
                Assert.True(zone.TryFormat(text, out var written));
                Assert.True(DnsName.TryParse(text.AsSpan(0, written), out var again));
                Assert.True(again == zone);
            }

            while (reader.TryReadRecord(out var record))
            {
                reader.TryReadOwner(record, out _);
                Soa.TryRead(message, record, out _);
                Edns.TryRead(message, record, out _);
            }

            SoaAnswer.TryRead(message, header.Id, zone, out var answer);
            Assert.True((answer.EdeText?.Length ?? 0) <= SoaAnswer.MaxText && (answer.Nsid?.Length ?? 0) <= SoaAnswer.MaxText);
            texts = (answer.Nsid is null ? 0 : 1) + (answer.EdeText is null ? 0 : 1);
        }

        var reading = NotifyRequest.TryRead(message, out var notify);
        Tsig.VerifyRequest(message, Keys, 1795181164, out var context);
        if (NotifyRequest.RcodeOf(reading) is { } rcode)
        {
            var length = notify.WriteReply(message, reply, rcode, 18);
            Assert.True(length >= 12);
            Assert.True(Tsig.TrySignResponse(reply, ref length, message, context, 1795181164));
            Assert.True(NotifyRequest.TryRead(reply.AsSpan(0, length), out _) == NotifyReading.Drop);
        }

        return texts;
    }

    /// <summary>A real message with some octets flipped, set to edges, cut, doubled or spliced with another; now and then noise.</summary>
    static int Mutate(Random random, byte[][] corpus, byte[] buffer)
    {
        var from = corpus[random.Next(corpus.Length)];
        from.CopyTo(buffer, 0);
        var length = from.Length;
        for (var n = random.Next(1, 6); n > 0; n--)
        {
            var at = random.Next(length + 1);
            switch (random.Next(8))
            {
                case 0 when at < length:
                    buffer[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1 when at < length:
                    buffer[at] = (byte)random.Next(256);
                    break;
                case 2 when at < length:
                    buffer[at] = random.Next(5) switch { 0 => 0, 1 => 0xFF, 2 => 0xC0, 3 => 0x3F, _ => 0x40 };
                    break;
                case 3:
                    length = at;
                    break;
                case 4 when length < 1000: // insert a copy of a piece
                    var piece = buffer.AsSpan(at, Math.Min(length - at, random.Next(64))).ToArray();
                    buffer.AsSpan(at, length - at).CopyTo(buffer.AsSpan(at + piece.Length));
                    length += piece.Length;
                    break;
                case 5 when length > 12: // counts
                    buffer[4 + random.Next(8)] = (byte)random.Next(4);
                    break;
                case 6: // another message's tail
                    var other = corpus[random.Next(corpus.Length)];
                    var cut = random.Next(other.Length);
                    length = Math.Min(at, 1000);
                    other.AsSpan(cut).CopyTo(buffer.AsSpan(length));
                    length += other.Length - cut;
                    break;
                case 7 when random.Next(20) == 0:
                    length = random.Next(600);
                    random.NextBytes(buffer.AsSpan(0, length));
                    break;
                default:
                    break;
            }
        }

        return length;
    }

    static long Number(string variable, long otherwise) =>
        long.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : otherwise;
}
