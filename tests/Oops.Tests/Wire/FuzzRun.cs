using System.Globalization;

namespace Oops.Tests.Wire;

/// <summary>Mutations of a corpus, reproducible by seed. OOPS_FUZZ_N sets the number of rounds for long runs.</summary>
internal static class FuzzRun
{
    public static void Mutate(IReadOnlyList<byte[]> corpus, int rounds, int seed, Action<byte[], Random> target)
    {
        if (int.TryParse(Environment.GetEnvironmentVariable("OOPS_FUZZ_N"), CultureInfo.InvariantCulture, out var asked)) rounds = asked;
        var random = new Random(seed);
        for (var i = 0; i < rounds; i++)
        {
            var bytes = Change(corpus, random);
            try
            {
                target(bytes, random);
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                throw new InvalidOperationException($"seed {seed}, round {i}: {Convert.ToHexString(bytes)}", e);
            }
        }
    }

    static byte[] Change(IReadOnlyList<byte[]> corpus, Random random)
    {
        var bytes = (byte[])corpus[random.Next(corpus.Count)].Clone();
        for (var n = random.Next(1, 6); n > 0; n--)
        {
            if (bytes.Length == 0) return bytes;
            var at = random.Next(bytes.Length);
            switch (random.Next(6))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                case 2: bytes[at] = (byte)(random.Next(2) * 255); break;
                case 3: bytes = bytes[..at]; break;
                case 4: bytes = [.. bytes[..at], .. bytes[random.Next(at, bytes.Length)..]]; break;
                default:
                    var other = corpus[random.Next(corpus.Count)];
                    bytes = [.. bytes[..at], .. other.AsSpan(random.Next(other.Length))];
                    break;
            }
        }

        return bytes;
    }
}
