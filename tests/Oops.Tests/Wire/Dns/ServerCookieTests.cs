using System.Net;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

/// <summary>Server cookies against the examples of RFC 9018, appendix A: so others' servers with the same secret accept ours.</summary>
public sealed class ServerCookieTests
{
    const string Secret = "e5e973e5a6b2a43f48e7dc849e37bfcf", Rolled = "dd3bdf9344b678b185a6f5cb60fca715", Next = "445536bcd2513298075a5d379663c962";

    [Theory]
    // A.1 and A.3: a new cookie, and one that is renewed.
    [InlineData("198.51.100.100", "2464c4abcf10c957", 1559731985u, Secret, "010000005cf79f111f8130c3eee29480")]
    [InlineData("203.0.113.203", "fc93fc62807ddb86", 1559734700u, Secret, "010000005cf7a9acf73a7810aca2381e")]
    // A.4: over IPv6, with the next secret.
    [InlineData("2001:db8:220:1:59de:d0f4:8769:82b8", "22681ab97d52c298", 1559741961u, Next, "010000005cf7c609a6bb79d16625507a")]
    public void What_we_make_is_what_the_rfc_shows(string address, string client, uint now, string secret, string cookie)
    {
        var option = new byte[ServerCookie.OptionSize];
        ServerCookie.Write(Hex(client), IPAddress.Parse(address).GetAddressBytes(), Hex(secret), now, option);
        Assert.Equal(client + cookie, Convert.ToHexStringLower(option));
    }

    [Theory]
    // A.2: learnt a while ago, and old enough to be replaced later.
    [InlineData("198.51.100.100", "2464c4abcf10c957010000005cf79f111f8130c3eee29480", 1559731985u + 100, Secret, CookieReading.Valid)]
    [InlineData("198.51.100.100", "2464c4abcf10c957010000005cf79f111f8130c3eee29480", 1559731985u + 1801, Secret, CookieReading.Ageing)]
    [InlineData("198.51.100.100", "2464c4abcf10c957010000005cf79f111f8130c3eee29480", 1559731985u + 3601, Secret, CookieReading.Unproved)]
    [InlineData("198.51.100.100", "2464c4abcf10c957010000005cf79f111f8130c3eee29480", 1559731985u - 300, Secret, CookieReading.Valid)]
    [InlineData("198.51.100.100", "2464c4abcf10c957010000005cf79f111f8130c3eee29480", 1559731985u - 301, Secret, CookieReading.Unproved)]
    [InlineData("198.51.100.101", "2464c4abcf10c957010000005cf79f111f8130c3eee29480", 1559731985u, Secret, CookieReading.Unproved)]
    [InlineData("198.51.100.100", "2464c4abcf10c958010000005cf79f111f8130c3eee29480", 1559731985u, Secret, CookieReading.Unproved)]
    // A.3: made with other octets in the reserved ones.
    [InlineData("203.0.113.203", "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", 1559728000u, Secret, CookieReading.Valid)]
    // A.4: made with the secret before.
    [InlineData("2001:db8:220:1:59de:d0f4:8769:82b8", "22681ab97d52c298010000005cf7c57926556bd0934c72f8", 1559741961u, Next + Rolled, CookieReading.Valid)]
    [InlineData("2001:db8:220:1:59de:d0f4:8769:82b8", "22681ab97d52c298010000005cf7c57926556bd0934c72f8", 1559741961u, Next, CookieReading.Unproved)]
    [InlineData("198.51.100.100", "2464c4abcf10c957", 1559731985u, Secret, CookieReading.Unproved)]
    [InlineData("198.51.100.100", "2464c4abcf10c957020000005cf79f111f8130c3eee29480", 1559731985u, Secret, CookieReading.Unproved)]
    [InlineData("198.51.100.100", "2464c4abcf10c9570100000000000000", 1559731985u, Secret, CookieReading.Unproved)]
    [InlineData("198.51.100.100", "2464c4abcf10c9", 1559731985u, Secret, CookieReading.Malformed)]
    [InlineData("198.51.100.100", "2464c4abcf10c95701", 1559731985u, Secret, CookieReading.Malformed)]
    [InlineData("198.51.100.100", "", 1559731985u, Secret, CookieReading.Malformed)]
    public void A_cookie_is_judged(string address, string option, uint now, string secrets, CookieReading expected) =>
        Assert.Equal(expected, ServerCookie.Read(Hex(option), IPAddress.Parse(address).GetAddressBytes(), Hex(secrets), now));

    [Fact]
    public void A_cookie_of_41_octets_is_malformed() => Assert.Equal(CookieReading.Malformed, ServerCookie.Read(new byte[41], new byte[4], Hex(Secret), 0));

    /// <summary>The first, the shortest and the longest vector of the authors' own (key 00 01 ... 0f, data 00 01 ...).</summary>
    [Theory]
    [InlineData(0, 0x726fdb47dd0e0e31)]
    [InlineData(1, 0x74f839c593dc67fd)]
    [InlineData(15, 0xa129ca6149be45e5)]
    [InlineData(63, 0x958a324ceb064572)]
    public void SipHash_is_SipHash(int length, ulong expected) =>
        Assert.Equal(expected, SipHash.Compute([.. Enumerable.Range(0, 16).Select(i => (byte)i)], [.. Enumerable.Range(0, length).Select(i => (byte)i)]));

    static byte[] Hex(string text) => Convert.FromHexString(text);
}
