using Oops.Sources.Knot.Gate;
using Oops.Tests.Wire.Dns;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Sources.Knot.Gate;

public sealed class NewZoneTests : IDisposable
{
    // As knotd 3.5.8 writes it.
    const string Text = ";; Zone dump (Knot DNS 3.5.8)\na.test.             \t3600\tSOA\tns.x. h.x. 8 7200 3600 1209600 300\na.test.             \t3600\tNS\tns.x.\n;; Written 2 records\n;; Time 2026-11-28 02:13:09 UTC\n";

    static readonly DnsName Apex = DnsNameTests.Name("a.test");

    readonly string folder = Directory.CreateTempSubdirectory("oops-new-zone-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void What_knotd_wrote_is_a_version_of_the_zone()
    {
        var read = Read(Text, 8);
        Assert.Equal((8u, 2L, ""), (read.Version!.Soa!.Value.Serial, read.Version.Records, read.Why));
        Assert.NotNull(Read(Text, null).Version);
    }

    [Theory]
    [InlineData(Text, 9u, "it is of serial 8, and 9 waits")]
    [InlineData("", 8u, "no SOA record of a.test")]
    [InlineData("b.test. 60 SOA ns.x. h.x. 8 7200 3600 1209600 300\n", 8u, "no SOA record of a.test")]
    [InlineData("$INCLUDE /etc/hostname\n", 8u, "$INCLUDE cannot be followed")]
    [InlineData("a.test. 3600 SOA ns.x.\n", 8u, ":1:")]
    public void What_is_not_the_version_that_waits_is_none(string text, uint serial, string why)
    {
        var read = Read(text, serial);
        Assert.Null(read.Version);
        Assert.Contains(why, read.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_there_is_no_file_or_none_that_ends_it_is_told_what_to_look_at()
    {
        Assert.Contains("dump-new-zone", NewZone.Read(Path.Combine(folder, "none"), Apex, 8, default).Why, StringComparison.Ordinal);
        Assert.Contains("dump-new-zone", NewZone.Read(folder, Apex, 8, default).Why, StringComparison.Ordinal);
        Assert.Contains("dump-new-zone", NewZone.Read("/dev/zero", Apex, 8, default).Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_written_while_it_is_read_is_not_believed()
    {
        var path = Path.Combine(folder, "zone");
        await File.WriteAllTextAsync(path, Text + string.Concat(Enumerable.Range(0, 200_000).Select(i => $"n{i}.a.test. 60 A 192.0.2.1\n")));
        using var ends = new ManualResetEventSlim();
        var writing = Task.Run(() =>
        {
            while (!ends.IsSet) File.SetLastWriteTimeUtc(path, File.GetLastWriteTimeUtc(path).AddSeconds(1));
        });
        var read = NewZone.Read(path, Apex, 8, default);
        ends.Set();
        await writing;
        Assert.Contains("written while it was read", read.Why, StringComparison.Ordinal);
    }

    NewZone Read(string text, uint? serial)
    {
        File.WriteAllText(Path.Combine(folder, "zone"), text);
        return NewZone.Read(Path.Combine(folder, "zone"), Apex, serial, default);
    }
}
