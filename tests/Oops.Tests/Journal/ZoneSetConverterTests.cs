using System.Text.Json;
using Oops.Core;
using Oops.Journal;
using Xunit;

namespace Oops.Tests.Journal;

public sealed class ZoneSetConverterTests
{
    [Fact]
    public void A_set_is_an_array_of_names_and_comes_back_as_it_was()
    {
        ZoneSet zones = ["a.example", @"\000b\\.example", "ü<.example", new string('\'', ZoneNames.Longest)];
        var text = JsonSerializer.Serialize(new ZoneSetSnapshot("ns1", 5, zones), JournalJson.Default.ZoneSetSnapshot);
        Assert.Equal(zones, JsonSerializer.Deserialize<string[]>(JsonDocument.Parse(text).RootElement.GetProperty("Zones").GetRawText()));
        Assert.Equal(zones, JsonSerializer.Deserialize(text, JournalJson.Default.ZoneSetSnapshot)!.Zones);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("[\"a\", null]")]
    [InlineData("[\"a\"")]
    public void What_is_no_array_of_names_is_refused(string zones) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize($$"""{"Server":"ns1","CompleteAt":5,"Zones":{{zones}}}""", JournalJson.Default.ZoneSetSnapshot));
}
