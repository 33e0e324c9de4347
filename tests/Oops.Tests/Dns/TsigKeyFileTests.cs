using Oops.Dns;
using Oops.Tests.Native;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Dns;

public sealed class TsigKeyFileTests
{
    const string Bind = """
        # tsig-keygen notify-key
        key "notify-key" {
            algorithm hmac-sha256; // the usual
            /* not
               this */ secret "c2VjcmV0IG9uZQ==";
        };
        key second { secret c2VjcmV0; algorithm HMAC-SHA1; };

        """;

    const string Knot = """
        # hmac-sha256:notify-key:c2VjcmV0IG9uZQ==
        key:
          - id: notify-key
            algorithm: hmac-sha256
            secret: c2VjcmV0IG9uZQ==
          - id: "second."
            algorithm: hmac-sha1
            secret: "c2VjcmV0"   # short

        """;

    [Theory]
    [InlineData(Bind)]
    [InlineData(Knot)]
    public void Both_forms_are_read(string text)
    {
        Assert.True(TsigKeyFile.TryParse(text, "keys", out var keys, out var error), error);
        Assert.Equal([("notify-key", TsigAlgorithm.HmacSha256), ("second", TsigAlgorithm.HmacSha1)], keys.Select(k => (k.Name.ToString(), k.Algorithm)));
    }

    [Theory]
    [InlineData("", "keys:1: holds no key")]
    [InlineData("# nothing\n", "keys:2: holds no key")]
    [InlineData("key:\n", "keys:1: holds no key")]
    [InlineData("zone \"x\" {};", "expected 'key \"name\" {'")]
    [InlineData("key a {\n algorithm hmac-md5;\n", "keys:2: unknown algorithm")]
    [InlineData("key a {\n secret \"!\";", "keys:2: the secret is not base64")]
    [InlineData("key a { secret \"\"; algorithm hmac-sha1; };", "not base64")]
    [InlineData("key a { secret \"c2VjcmV0\"; };", "the key a needs an algorithm and a secret")]
    [InlineData("key a { secret \"c2VjcmV0\"; algorithm hmac-sha1; ", "'}' is missing")]
    [InlineData("key a { secret \"c2VjcmV0\" algorithm hmac-sha1; };", "expected ';' behind the secret")]
    [InlineData("key \"a..b\" { secret \"c2VjcmV0\"; algorithm hmac-sha1; };", "name is not a domain name")]
    [InlineData("key a { secret c2VjcmV0; algorithm hmac-sha1; }; key A { secret c2VjcmV0; algorithm hmac-sha1; };", "the key a is there twice")]
    [InlineData("key:\n  - id: a\n    algoritm: hmac-sha1\n", "keys:3: expected 'algorithm' or 'secret'")]
    [InlineData("key:\n  - id: a\n    secret:\n", "not base64")]
    [InlineData("key:\n  id: a\n", "expected '- id: NAME'")]
    [InlineData("key \"a", "expected '{'")]
    public void A_mistake_is_told_with_its_line_and_never_with_the_secret(string text, string says)
    {
        Assert.False(TsigKeyFile.TryParse(text, "keys", out _, out var error));
        Assert.Contains(says, error, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_told()
    {
        using var folder = new TemporaryFolder();
        Assert.False(TsigKeyFile.TryRead(folder.File("none"), out _, out var error));
        Assert.EndsWith("there is no such file", error, StringComparison.Ordinal);
        File.WriteAllText(folder.File("big"), new string('#', TsigKeyFile.MaxSize));
        Assert.False(TsigKeyFile.TryRead(folder.File("big"), out _, out error));
        Assert.Contains("larger than", error, StringComparison.Ordinal);
        File.WriteAllText(folder.File("good"), Bind);
        Assert.True(TsigKeyFile.TryRead(folder.File("good"), out var keys, out _));
        Assert.Equal(2, keys.Length);
    }

    [Fact]
    public void Any_text_is_read_or_refused()
    {
        var random = new Random(1);
        foreach (var form in new[] { Bind, Knot })
        {
            for (var i = 0; i < 3000; i++)
            {
                var text = form.ToCharArray();
                for (var j = 0; j < 1 + i % 5; j++)
                    text[random.Next(text.Length)] = "{};\":-#/*\n ak"[random.Next(13)];
                var cut = new string(text, 0, random.Next(text.Length + 1));
                Assert.Equal(TsigKeyFile.TryParse(cut, "keys", out var keys, out var error), keys is not null && error is null);
            }
        }
    }
}
