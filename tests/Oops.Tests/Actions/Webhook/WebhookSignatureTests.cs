using System.Text;
using Oops.Actions.Webhook;
using Xunit;

namespace Oops.Tests.Actions.Webhook;

public sealed class WebhookSignatureTests : IDisposable
{
    // Of the libraries of Standard Webhooks.
    const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Id = "msg_p5jXN8AQM9LWM0D4loKWxJek", Signed = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeSeconds(1614265330);

    readonly string folder = Directory.CreateTempSubdirectory("oops-hook").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData(Secret)]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    public void The_vector_of_the_specification_comes_out(string secret)
    {
        var headers = WebhookSignature.Headers([WebhookSignature.Parse(secret)!], "webhook", Id, Then, Encoding.UTF8.GetBytes("{\"test\": 2432232314}"));
        Assert.Equal([("webhook-id", Id), ("webhook-timestamp", "1614265330"), ("webhook-signature", Signed)], headers);
    }

    [Fact]
    public void Of_two_keys_both_sign()
    {
        var (keys, _) = WebhookSignature.Read([File("a", Secret), File("b", Convert.ToBase64String(new byte[32]))]);
        var signature = WebhookSignature.Headers(keys!, "svix", Id, Then, Encoding.UTF8.GetBytes("{\"test\": 2432232314}"))[2];
        Assert.Equal("svix-signature", signature.Name);
        Assert.Equal((2, Signed), (signature.Value.Split(' ').Distinct().Count(), signature.Value.Split(' ')[0]));
    }

    [Theory]
    [InlineData("c2hvcnQ=")]
    [InlineData("not base64 at all, but long enough to be one")]
    [InlineData("whsec_")]
    public void What_is_no_secret_is_named_by_its_file_and_not_shown(string text)
    {
        var file = File("a", text);
        var (keys, why) = WebhookSignature.Read([file]);
        Assert.Null(keys);
        Assert.StartsWith(file + ": ", why, StringComparison.Ordinal);
        Assert.DoesNotContain(text, why, StringComparison.Ordinal);
    }

    string File(string name, string text)
    {
        var path = Path.Combine(folder, name);
        System.IO.File.WriteAllText(path, text + "\n");
        System.IO.File.SetUnixFileMode(path, UnixFileMode.UserRead);
        return path;
    }
}
