using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Zones.Verification;

public sealed class ZoneFaultTests
{
    [Fact]
    public void The_table_has_each_fault_once_in_its_order()
    {
        Assert.Equal(Enum.GetValues<ZoneFault>(), ZoneFaults.All.Select(w => w.Fault));
        Assert.Equal(ZoneFaults.All.Count, ZoneFaults.All.Select(w => w.Name).Distinct().Count());
        Assert.All(ZoneFaults.All, w => Assert.Same(w, ZoneFaults.Named(w.Name)));
    }

    [Fact]
    public void Each_fault_is_found_in_a_test()
    {
        var folder = Path.Combine(Repository.Root, "tests/Oops.Tests/Zones/Verification");
        var tests = string.Concat(Directory.EnumerateFiles(folder, "*.cs").Select(File.ReadAllText));
        Assert.Empty(ZoneFaults.All.Where(w => !tests.Contains(w.Name, StringComparison.Ordinal) && !tests.Contains($"ZoneFault.{w.Fault}", StringComparison.Ordinal)).Select(w => w.Name));
    }
}
