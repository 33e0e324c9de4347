using System.Security.Cryptography;
using Oops.Actions.Gobgp;
using Oops.Dns;
using Xunit;

namespace Oops.Tests.Dns;

public sealed class PemFileTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("oops-pem").FullName;
    readonly TlsFiles good;

    public PemFileTests() => good = TestCertificate.Write(folder, "oops.test");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_certificate_with_its_key_is_shown_to_either_kind_of_peer() =>
        Assert.All(Both(good.Chain, good.Chain, good.Key), o => Assert.Equal(("", "CN=oops.test"), (o.Why, o.Subject)));

    [Theory]
    [InlineData("another", "KEY is not what it should be, in PEM")]
    [InlineData("nothing", "KEY is not what it should be, in PEM")]
    [InlineData("gone", "KEY: no such file")]
    public void A_key_that_is_none_of_it_is_named_to_either(string key, string why)
    {
        var file = Path.Combine(folder, key);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (key != "gone")
            File.WriteAllText(file, key == "another" ? other.ExportPkcs8PrivateKeyPem() : key);
        Assert.All(Both(good.Chain, good.Chain, file), o => Assert.Equal((why.Replace("KEY", file, StringComparison.Ordinal), null), (o.Why, o.Subject)));
    }

    [Fact]
    public void A_file_without_an_authority_is_named_to_either()
    {
        Assert.All(Both(good.Key, good.Chain, good.Key), o => Assert.Equal($"{good.Key} holds no certificate in PEM", o.Why));
        Assert.All(Both("/nowhere/ca.pem", good.Chain, good.Key), o => Assert.Equal("/nowhere/ca.pem: no such file", o.Why));
    }

    static IEnumerable<(string Why, string? Subject)> Both(string ca, string certificate, string key)
    {
        var proof = new TlsProof { Name = "ns1.test", Ca = ca, Certificate = certificate, Key = key };
        var (options, why) = proof.Open(new TlsJudge(proof), TimeProvider.System.GetUtcNow());
        yield return (why, options?.ClientCertificateContext?.TargetCertificate.Subject);
        (options, why) = new GobgpTls(ca, certificate, key, null).Open(static () => { });
        yield return (why, options?.ClientCertificateContext?.TargetCertificate.Subject);
    }
}
