using System.Security.Cryptography;
using Oops.Zones.Verification;
using Xunit;

namespace Oops.Tests.Zones.Verification;

public sealed class SigningKeyTests
{
    /// <summary>RFC 8080, 6.1.</summary>
    [Fact]
    public void The_Ed25519_example_of_RFC_8080_verifies()
    {
        using var key = SigningKey.TryCreate(15, Convert.FromBase64String("l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4="))!;
        var signature = Convert.FromBase64String("oL9krJun7xfBOIWcGHi7mag5/hdZrKWw15jPGrHpjQeRAvTdszaPD+QLs3fx8A4M3e23mRZ9VrbpMngwcrqNAg==");
        var owner = SignedZone.Name("example.com");
        byte[] signed =
        [
            0, 15, 15, 2, 0, 0, 0x0E, 0x10, .. Convert.FromHexString("55D4FC60"), .. Convert.FromHexString("55B94CE0"), 0x0E, 0x1D, .. owner.Wire,
            .. owner.Wire, 0, 15, 0, 1, 0, 0, 0x0E, 0x10, 0, 20, 0, 10, 4, .. "mail"u8, .. owner.Wire,
        ];
        Assert.True(key.Verify(signed, signature));
        signed[^1] ^= 1;
        Assert.False(key.Verify(signed, signature));
        Assert.False(key.Verify(signed, signature.AsSpan(0, 10)));
    }

    [Theory]
    [InlineData(8, 0)]
    [InlineData(8, 2)]
    [InlineData(8, 5000)]
    [InlineData(13, 63)]
    [InlineData(13, 64)]
    [InlineData(14, 96)]
    [InlineData(15, 31)]
    [InlineData(16, 32)]
    [InlineData(3, 100)]
    public void Octets_that_are_no_key_of_the_algorithm_are_refused(byte algorithm, int size)
    {
        var octets = new byte[size];
        Array.Fill(octets, (byte)0xFF);
        using var key = SigningKey.TryCreate(algorithm, octets);
        Assert.Null(key);
    }

    [Theory]
    [InlineData("03", true)]
    [InlineData("010001", true)]
    [InlineData("0100000001", true)]
    [InlineData("07FFFFFFFF", true)]
    [InlineData("0800000001", false)]
    [InlineData("FFFFFFFFFFFFFFFF", false)]
    public void An_RSA_exponent_of_more_bits_than_anybody_has_is_refused(string exponent, bool taken)
    {
        var octets = Convert.FromHexString(exponent);
        using var key = SigningKey.TryCreate(8, [(byte)octets.Length, .. octets, .. Enumerable.Repeat((byte)0xC1, 256)]);
        Assert.Equal(taken, key is not null);
    }

    [Theory]
    [InlineData(5, 1024)]
    [InlineData(7, 2048)]
    [InlineData(8, 1024)]
    [InlineData(8, 2048)]
    [InlineData(10, 4096)]
    public void RSA_signatures_verify_one_after_the_other_the_wrong_ones_between_the_right(byte algorithm, int bits)
    {
        using var signer = RSA.Create(bits);
        var hash = algorithm switch { 8 => HashAlgorithmName.SHA256, 10 => HashAlgorithmName.SHA512, _ => HashAlgorithmName.SHA1 };
        var numbers = signer.ExportParameters(includePrivateParameters: false);
        using var key = SigningKey.TryCreate(algorithm, [(byte)numbers.Exponent!.Length, .. numbers.Exponent, .. numbers.Modulus!])!;
        for (byte round = 0; round < 3; round++)
        {
            byte[] data = [.. "signed"u8, round];
            var signature = signer.SignData(data, hash, RSASignaturePadding.Pkcs1);
            Assert.True(key.Verify(data, signature));
            Assert.False(key.Verify([.. data, 0], signature));
            Assert.False(key.Verify(data, [.. signature, 0]));
            Assert.False(key.Verify(data, signature.AsSpan(1)));
            Assert.False(key.Verify(data, []));
            Assert.False(key.Verify(data, signer.SignData(data, hash == HashAlgorithmName.SHA256 ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
            Assert.False(key.Verify(data, signer.SignData(data, hash, RSASignaturePadding.Pss)));
            signature[bits / 16] ^= 1;
            Assert.False(key.Verify(data, signature));
        }
    }

    [Fact]
    public void Which_algorithms_can_be_checked_is_known()
    {
        byte[] supported = [.. Enumerable.Range(0, 256).Select(a => (byte)a).Where(SigningKey.IsSupported)];
        Assert.Equal([5, 7, 8, 10, 13, 14, 15, 16], supported);
    }
}
