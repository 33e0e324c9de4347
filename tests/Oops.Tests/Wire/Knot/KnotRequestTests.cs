using Oops.Wire.Knot;
using Xunit;

namespace Oops.Tests.Wire.Knot;

/// <summary>The expected bytes were accepted and answered by knotd 3.2.6, or by 3.5.8 what that one alone can.</summary>
public sealed class KnotRequestTests
{
    [Fact]
    public void A_command_alone() => Same("status request", new KnotRequest("status"));

    [Fact]
    public void A_command_about_one_field() => Same("status-version request", new KnotRequest("status") { Type = "version" });

    [Fact]
    public void A_command_with_flags() => Same("zone-status-u request", new KnotRequest("zone-status") { Flags = "u" });

    [Fact]
    public void A_command_with_filters() => Same("zone-status-filters request", new KnotRequest("zone-status") { Filters = "rse" });

    [Fact]
    public void Several_zones_repeat_the_command() =>
        Same("zone-status-several request", new KnotRequest("zone-status") { Zones = ["sec.test", "nope.test", "file.test."] });

    [Fact]
    public void A_command_about_a_record_of_what_waits() => Same("zone-get-soa request", new KnotRequest("zone-get") { Zones = ["a.test"], Owner = "@", Type = "SOA" }, KnotDecoderTests.Waiting);

    [Fact]
    public void A_command_on_a_zone() => Same("zone-abort request", new KnotRequest("zone-abort") { Zones = ["b/c.test"] }, KnotDecoderTests.Waiting);

    static void Same(string vector, KnotRequest request, string file = KnotDecoderTests.Control) =>
        Assert.Equal(Convert.ToHexString(HexVectors.One(file, vector)), Convert.ToHexString(request.Encode()));
}
