using System.Security.Cryptography;
using System.Text;
using Oops.Aws;
using Xunit;

namespace Oops.Tests.Aws;

public sealed class SigV4Tests
{
    static readonly DateTimeOffset At = new(2015, 8, 30, 12, 36, 0, TimeSpan.Zero);

    public static TheoryData<string> Cases => [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "vectors/aws/sigv4.txt")).Where(l => !l.StartsWith('#')).Select(l => l.Split('|')[0])];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_published_request_gets_its_published_signature(string name)
    {
        var words = File.ReadLines(Path.Combine(AppContext.BaseDirectory, "vectors/aws/sigv4.txt")).Select(l => l.Split('|')).Single(w => w[0] == name);
        var target = words[2].Split('?', 2);
        var query = target.Length == 1 ? [] : target[1].Split('&').Select(q => q.Split('=', 2)).Select(q => (Uri.UnescapeDataString(q[0]), Uri.UnescapeDataString(q[1]))).ToArray();
        var headers = words[3].Split(" ; ").Select(h => h.Split(':', 2)).Select(h => (h[0], h[1])).ToArray();
        var by = new AwsCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", words[5].Length > 0 ? words[5] : null, null, "here");
        var service = name.StartsWith("iam", StringComparison.Ordinal) ? "iam" : "service";
        var signed = SigV4.Sign(new(words[1], target[0], query, headers, Encoding.UTF8.GetBytes(words[4])), by, "us-east-1", service, At);

        Assert.Equal(words[6], Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(SigV4.Canonical(signed with { Headers = [.. signed.Headers.SkipLast(1)] })))));
        Assert.Equal("Authorization", signed.Headers[^1].Name);
        Assert.StartsWith($"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{service}/aws4_request, SignedHeaders=", signed.Headers[^1].Value, StringComparison.Ordinal);
        Assert.EndsWith($", Signature={words[7]}", signed.Headers[^1].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_are_no_text() => Assert.Equal("the environment", new AwsCredentials("id", "secret", "token", null, "the environment").ToString());
}
