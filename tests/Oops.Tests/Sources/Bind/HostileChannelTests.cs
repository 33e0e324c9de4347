using System.Net;
using System.Net.Sockets;
using System.Text;
using Oops.Tests.Servers;
using Xunit;

namespace Oops.Tests.Sources.Bind;

/// <summary>A statistics channel that answers as no named would: each time a counted, explained Unknown, and no zone is claimed to be gone or expired by it.</summary>
public sealed class HostileChannelTests : IAsyncDisposable
{
    readonly FakeNamed named = new() { Listed = FakeNamed.Primary("a.test", 7) };

    public ValueTask DisposeAsync() => named.DisposeAsync();

    [Theory]
    [InlineData("", "the JSON text ends within itself, or is none")]
    [InlineData("<html></html>", "not a JSON text")]
    [InlineData("{}", "no current-time")]
    [InlineData("[]", "no current-time")]
    [InlineData("HEAD}", "no views")]
    [InlineData("HEAD,\"views\":[]}", "no views")]
    [InlineData("HEAD,\"views\":{\"_default\":{\"zones\":{}}}}", "the zones of view _default are no list")]
    [InlineData("HEAD,\"views\":{\"_default\":{\"zones\":[{\"name\":\"a.test\"", "the JSON text ends within itself, or is none")]
    [InlineData("HEAD,\"views\":{\"_default\":{\"zones\":[{\"name\":\"a.test\",\"class\":\"IN\",\"serial\":\"-\",\"type\":\"primary\",\"loaded\":\"2001-01-01T12:00:00Z\"}]}}}", "a.test has a serial that is none: -")]
    [InlineData("HEAD,\"views\":{\"_default\":{\"zones\":[{\"name\":\"a.test\",\"class\":\"IN\",\"type\":\"leader\",\"loaded\":\"2001-01-01T12:00:00Z\"}]}}}", "a.test is of a type that we do not know: leader")]
    public async Task What_is_no_list_is_Unknown(string answer, string says)
    {
        named.Engine.Zones = ["a.test"];
        named.Zones = FakeHttp.Ok(answer.Replace("HEAD", named.Head, StringComparison.Ordinal));
        named.Start();
        await IsUnknownAsync($"bind: {says}, in /json/v1/zones at {named.Address}", "unreadable");
    }

    [Theory]
    [InlineData("HTTP/1.1 404 No such URL\r\nContent-Length: 0\r\n\r\n", "bind: 404: there is no /json/v1/status at ADDRESS: a named that was built without json-c gives no JSON (named -V tells)", "status")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n", "bind: status 302 at ADDRESS/json/v1/status: a named that was built without json-c gives no JSON (named -V tells)", "status")]
    [InlineData("", "bind: the answer broke off, or is no HTTP, at ADDRESS: perhaps our address is not in its allow list; statistics-channels { inet 127.0.0.1 port PORT allow { 127.0.0.1; }; };", "broken")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "bind: no json-stats-version, in /json/v1/status at ADDRESS", "unreadable")]
    public async Task What_is_no_statistics_channel_is_told_with_what_to_do(string answer, string says, string counted)
    {
        named.Status = FakeHttp.Raw(answer);
        named.Start();
        await IsUnknownAsync(says.Replace("ADDRESS", named.Address.ToString(), StringComparison.Ordinal).Replace("PORT", $"{named.Address.Port}", StringComparison.Ordinal), counted);
    }

    [Fact]
    public async Task A_named_that_hangs_is_Unknown_and_not_down()
    {
        named.Start(o => o with { Timeout = TimeSpan.FromMilliseconds(300) });
        await named.Engine.HearAsync("statistics a.test Serial 7", "statistics read");
        named.Status = FakeHttp.Hang();
        await IsUnknownAsync($"bind: silent for 0.3 s at {named.Address}", "silent");
    }

    [Fact]
    public async Task Half_a_list_takes_nothing_away()
    {
        named.Listed = $"{FakeNamed.Primary("a.test", 7)},{FakeNamed.Primary("b.test", 8)}";
        named.Start();
        await named.Engine.HearAsync("statistics b.test Serial 8", "statistics read");
        named.Zones = FakeHttp.Raw($"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{named.Head},\"views\":{{\"_default\":{{\"zones\":[{FakeNamed.Primary("a.test", 9)},");
        var said = await named.Engine.HearAsync("statistics a.test Serial 9", $"statistics lost: bind: the answer broke off, or is no HTTP, at {named.Address}*");
        Assert.DoesNotContain(said, s => s.Contains("absent (", StringComparison.Ordinal));
        // And when it answers again, all is said anew.
        named.Zones = null;
        await named.Engine.HearAsync("statistics opened", "statistics a.test Serial 7", "statistics b.test Serial 8", "statistics read");
    }

    [Fact]
    public async Task A_flood_is_cut_off()
    {
        named.Zones = async (_, stream, stop) =>
        {
            await FakeHttp.SendAsync(stream, $"HTTP/1.1 200 OK\r\n\r\n{named.Head},\"views\":{{\"_default\":{{\"zones\":[", stop);
            var zone = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"name\":\"EMPTY.AS112.ARPA\",\"class\":\"IN\",\"serial\":0,\"type\":\"builtin\",\"loaded\":\"2001-01-01T12:00:00Z\"},", 500)));
            while (true) await stream.WriteAsync(zone, stop);
        };
        named.Start(o => o with { MostBytes = 10_000_000 });
        await IsUnknownAsync("bind: an answer of more than 10000000 bytes", "unreadable");
    }

    [Fact]
    public async Task A_word_without_end_is_none()
    {
        named.Zones = async (_, stream, stop) =>
        {
            await FakeHttp.SendAsync(stream, "HTTP/1.1 200 OK\r\n\r\n{\"", stop);
            while (true) await stream.WriteAsync(Encoding.UTF8.GetBytes(new string('a', 10_000)), stop);
        };
        named.Start();
        await IsUnknownAsync($"bind: a word of more than 65536 bytes, in /json/v1/zones at {named.Address}", "unreadable");
    }

    [Fact]
    public async Task That_nobody_listens_is_told_at_once_with_the_line_for_named_conf()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var free = (IPEndPoint)listener.LocalEndpoint;
        listener.Stop();
        named.Start(at: free);
        await named.Engine.HearAsync($"statistics lost: bind: Connection refused at {free}: named does not run, or has no statistics-channels {{ inet 127.0.0.1 port {free.Port} allow {{ 127.0.0.1; }}; }};");
        Assert.True(named.Counted("nobody") > 0);
    }

    [Fact]
    public async Task An_empty_list_after_a_full_one_is_doubted()
    {
        named.Start();
        await named.Engine.HearAsync("statistics a.test Serial 7", "statistics read");
        named.Listed = "";
        // Believed when it was seen so often that it is no moment of a reload; there is no address to ask for the zones by name.
        var said = await named.Engine.HearAsync("statistics a.test Serial absent (not in the server's list)");
        Assert.True(named.Asked("/json/v1/zones") >= 4);
        Assert.DoesNotContain(said, s => s.StartsWith("statistics lost", StringComparison.Ordinal));
    }

    async Task IsUnknownAsync(string why, string counted)
    {
        var said = await named.Engine.HearAsync("statistics lost: " + why);
        Assert.DoesNotContain(said, s => s.Contains("absent (", StringComparison.Ordinal) || s.Contains("Expiry 0", StringComparison.Ordinal));
        Assert.True(named.Counted(counted) > 0, counted);
    }
}
