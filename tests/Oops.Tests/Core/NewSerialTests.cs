using Oops.Core;
using Oops.Tests.Engine;
using Xunit;

namespace Oops.Tests.Core;

public sealed class NewSerialTests
{
    [Fact]
    public void Each_channels_new_serials_count_and_those_of_a_reference_do_not()
    {
        var small = Small.Policy(TimeSpan.Zero);
        var machine = new Machine(small with { Channels = [.. small.Channels, new("primary/ns1", "ns1", Standing.Reference, [Measure.Serial], TimeSpan.FromHours(1))] });
        var at = TimeSpan.Zero;

        long After(string channel, long serial)
        {
            at += TimeSpan.FromSeconds(1);
            machine.Step(new(new(at.Ticks), DateTimeOffset.UnixEpoch + at), new ZoneSignal(channel, "nl", Measure.Serial, serial), []);
            return machine.NewSerials("ns1");
        }

        Assert.Equal(1, After("probe/ns1", 1));
        Assert.Equal(1, After("probe/ns1", 1));
        Assert.Equal(1, After("primary/ns1", 2));
        Assert.Equal(2, After("probe/ns1", 2));
        Assert.Equal(2, After("probe/ns1", Signal.Absent));
        // It is served again, and may be anything by now.
        Assert.Equal(3, After("probe/ns1", 2));
        Assert.Equal(0, machine.NewSerials("ns2"));
    }
}
