using System.Text;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Wire.Dns;

public sealed class Sha224Tests
{
    /// <summary>RFC 3874, 3.1-3.3, and the empty string.</summary>
    [Theory]
    [InlineData("", 1, "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f")]
    [InlineData("abc", 1, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1, "75388b16512776cc5dba5da1fd890150b0c6455cb4f58b1952522525")]
    [InlineData("a", 1_000_000, "20794655980c91d8bbb4c1ea97618a4bf03f42581948b2ee4ee7ad67")]
    public void Digests_are_those_of_RFC_3874(string text, int times, string digest)
    {
        Span<byte> got = stackalloc byte[28];
        Sha224.Hash([], Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(text, times))), got);
        Assert.Equal(digest, Convert.ToHexStringLower(got));
    }

    /// <summary>RFC 4231, 4.2-4.4, 4.7 and 4.8.</summary>
    [Theory]
    [InlineData("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "Hi There", "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22")]
    [InlineData("4a656665", "what do ya want for nothing?", "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44")]
    [InlineData("aa*131", "Test Using Larger Than Block-Size Key - Hash Key First", "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e")]
    public void MACs_are_those_of_RFC_4231(string key, string data, string mac)
    {
        var secret = key == "aa*131" ? Enumerable.Repeat((byte)0xaa, 131).ToArray() : Convert.FromHexString(key);
        Span<byte> got = stackalloc byte[28];
        Sha224.Hmac(secret, Encoding.ASCII.GetBytes(data), got);
        Assert.Equal(mac, Convert.ToHexStringLower(got));
    }
}
