using Oops.Wire.Knot;
using Xunit;

namespace Oops.Tests.Wire.Knot;

/// <summary>The expected bytes were accepted and answered by knotd 3.2.6.</summary>
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

    static void Same(string vector, KnotRequest request) =>
        Assert.Equal(Convert.ToHexString(HexVectors.One(KnotDecoderTests.Control, vector)), Convert.ToHexString(request.Encode()));
}
