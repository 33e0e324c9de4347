using System.Globalization;
using Oops.Aws;
using Oops.Tests.Engine;
using Oops.Tests.Servers;
using Xunit;

namespace Oops.Tests.Aws;

public sealed class AwsCredentialTests : IDisposable
{
    readonly string home = Directory.CreateTempSubdirectory("aws").FullName;
    readonly Dictionary<string, string> variables;
    readonly FakeTime time = new();

    public AwsCredentialTests()
    {
        variables = new() { ["HOME"] = home, ["AWS_EC2_METADATA_DISABLED"] = "true" };
        Directory.CreateDirectory(Path.Combine(home, ".aws/sso/cache"));
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    string Now(int seconds) => time.GetUtcNow().AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public void Dispose() => Directory.Delete(home, recursive: true);

    AwsCredentialChain Chain(string? profile = null, string? file = null) => new(profile, file, new(variables.GetValueOrDefault), TimeSpan.FromSeconds(5), time);

    async Task<string> FindAsync(string? profile = null, string? file = null)
    {
        using var chain = Chain(profile, file);
        return Said(await chain.GetAsync(Stop));
    }

    static string Said(AwsFound found) => found.Credentials is { } c ? $"{c.Id} {c.Secret} {c.Token ?? "-"} of {c.From}" : found.Why;

    void Write(string name, string text) => File.WriteAllText(Path.Combine(home, ".aws", name), text);

    [Fact]
    public async Task The_environment_is_first_and_a_profile_that_is_written_goes_before_it()
    {
        Write("credentials", "[default]\naws_access_key_id = DEF\naws_secret_access_key=s1\n[dns]\naws_access_key_id: DNS\naws_secret_access_key: s2\naws_session_token = t2\n");
        Assert.Equal($"DEF s1 - of the profile default of {home}/.aws/credentials", await FindAsync());
        variables["AWS_PROFILE"] = "dns";
        Assert.Equal($"DNS s2 t2 of the profile dns of {home}/.aws/credentials", await FindAsync());
        variables["AWS_ACCESS_KEY_ID"] = "ENV";
        Assert.Equal("the environment has only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", await FindAsync());
        variables["AWS_SECRET_ACCESS_KEY"] = "s3";
        Assert.Equal("ENV s3 - of the environment", await FindAsync());
        Assert.Equal($"DEF s1 - of the profile default of {home}/.aws/credentials", await FindAsync("default"));
        Write("other", "[default]\naws_access_key_id = OTHER\naws_secret_access_key=s4\n");
        File.SetUnixFileMode($"{home}/.aws/other", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        variables.Remove("AWS_PROFILE");
        Assert.Equal($"OTHER s4 - of the profile default of {home}/.aws/other", await FindAsync(file: $"{home}/.aws/other"));
    }

    [Fact]
    public async Task A_byte_order_mark_before_the_first_profile_does_not_hide_it()
    {
        Write("credentials", "\uFEFF[default]\naws_access_key_id = DEF\naws_secret_access_key=s1\n");
        Assert.Equal($"DEF s1 - of the profile default of {home}/.aws/credentials", await FindAsync());
    }

    [Theory]
    [InlineData("[profile x]\nrole_arn = arn\nsource_profile = default\n", "the profile x assumes a role (role_arn), which is not supported here; write keys, or let the instance or container have the role")]
    [InlineData("[profile x]\ncredential_process = /bin/get\n", "the profile x has a program run (credential_process), which is not supported here; write keys, or let the instance or container have the role")]
    [InlineData("[profile x]\naws_access_key_id = ID\naws_secret_access_key = hush\n", "ID hush - of the profile x of HOME/.aws/config")]
    [InlineData("[profile x]\naws_secret_access_key = hush\n", "the profile x of HOME/.aws/config has only one of aws_access_key_id and aws_secret_access_key")]
    [InlineData("[profile y]\n", "there is no profile x in HOME/.aws/credentials or HOME/.aws/config")]
    [InlineData("hush hush\n", "there is no profile x in HOME/.aws/credentials or HOME/.aws/config")]
    public async Task A_profile_of_the_config_file_is_taken_or_it_is_said_why_not(string config, string said)
    {
        Write("config", config);
        Assert.Equal(said.Replace("HOME", home, StringComparison.Ordinal), await FindAsync("x"));
    }

    [Fact]
    public async Task A_login_gives_the_role_and_when_it_has_ended_it_is_said_how_to_log_in()
    {
        await using var portal = new FakeHttp((_, stream, stop) => FakeHttp.Ok($$$"""{"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t","expiration":{{{time.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds()}}}}}""")("", stream, stop));
        variables["AWS_ENDPOINT_URL_SSO"] = $"http://{portal.Address}";
        Write("config", "[profile x]\nsso_session = my\nsso_account_id = 1234\nsso_role_name = dns\n[sso-session my]\nsso_start_url = https://x\nsso_region = eu-west-1\n");
        Assert.Equal("the profile x has no login; log in: aws sso login --profile x", await FindAsync("x"));
        // SHA-1 of the session's name.
        const string Cache = "sso/cache/3ece1471f44f63177cbc35ba0b904e0c096b6783.json";
        Write(Cache, $$"""{"accessToken":"bearer","expiresAt":"{{Now(-1)}}"}""");
        Assert.Equal("the login of the profile x has ended; log in: aws sso login --profile x", await FindAsync("x"));
        Write(Cache, $$"""{"accessToken":"bearer","expiresAt":"{{Now(100)}}"}""");
        Assert.Equal("SSO s t of the login of the profile x", await FindAsync("x"));
        await using var other = new FakeHttp(FakeHttp.Ok("""{"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t","expiration":"soon"}}"""));
        variables["AWS_ENDPOINT_URL_SSO"] = $"http://{other.Address}";
        Assert.Equal("SSO s t of the login of the profile x", await FindAsync("x"));
        Assert.Contains("GET /federation/credentials?account_id=1234&role_name=dns", portal.Asked.Single(), StringComparison.Ordinal);
        Assert.Contains("x-amz-sso_bearer_token: bearer", portal.Asked.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_gives_its_own_with_the_token_of_its_file()
    {
        await using var agent = new FakeHttp(FakeHttp.Ok($$"""{"AccessKeyId":"BOX","SecretAccessKey":"s","Token":"t","Expiration":"{{Now(3600)}}"}"""));
        Write("token", "pod-token\n");
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"http://{agent.Address}/v1/credentials?a=b";
        variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = $"{home}/.aws/token";
        Assert.Equal("BOX s t of the container", await FindAsync());
        Assert.Contains("GET /v1/credentials?a=b ", agent.Asked.Single(), StringComparison.Ordinal);
        Assert.Contains("Authorization: pod-token\r\n", agent.Asked.Single(), StringComparison.Ordinal);
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://192.0.2.1/";
        Assert.Equal("AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor on this machine nor the container's agent", await FindAsync());
    }

    [Fact]
    public async Task An_instance_is_asked_for_a_token_first_and_then_for_its_role()
    {
        await using var metadata = new FakeHttp((path, stream, stop) => path switch
        {
            "/latest/api/token" => FakeHttp.Ok("imds-token")(path, stream, stop),
            "/latest/meta-data/iam/security-credentials/" => FakeHttp.Ok("dns-role")(path, stream, stop),
            _ => FakeHttp.Ok($$"""{"Code":"Success","AccessKeyId":"VM","SecretAccessKey":"s","Token":"t","Expiration":"{{Now(3600)}}"}""")(path, stream, stop),
        });
        variables.Remove("AWS_EC2_METADATA_DISABLED");
        variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = $"http://{metadata.Address}";
        Assert.Equal("VM s t of the role dns-role of this instance", await FindAsync());
        Assert.Equal(["PUT /latest/api/token", "GET /latest/meta-data/iam/security-credentials/", "GET /latest/meta-data/iam/security-credentials/dns-role"], metadata.Asked.Select(a => string.Join(' ', a.Split(' ')[..2])));
        Assert.All(metadata.Asked.Skip(1), a => Assert.Contains("X-aws-ec2-metadata-token: imds-token\r\n", a, StringComparison.Ordinal));
        Assert.All(metadata.Asked.Skip(1), a => Assert.DoesNotContain("Content-", a, StringComparison.Ordinal));
        // The first version of the service, which any page can make a proxy ask, is not tried.
        metadata.Answer = FakeHttp.Raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
        Assert.EndsWith("no role of an instance (its metadata service answered with status 404)", await FindAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task They_are_had_anew_before_they_end_and_those_that_are_had_are_good_until_then()
    {
        var number = 0;
        await using var agent = new FakeHttp((path, stream, stop) => FakeHttp.Ok($$"""{"AccessKeyId":"BOX{{++number}}","SecretAccessKey":"s","Expiration":"{{Now(3600)}}"}""")(path, stream, stop));
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"http://{agent.Address}/";
        using var chain = Chain();
        Assert.Equal("BOX1", (await chain.GetAsync(Stop)).Credentials!.Id);
        time.Advance(TimeSpan.FromMinutes(54));
        Assert.Equal("BOX1", (await chain.GetAsync(Stop)).Credentials!.Id);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("BOX2", (await chain.GetAsync(Stop)).Credentials!.Id);
        agent.Answer = FakeHttp.Raw("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n");
        time.Advance(TimeSpan.FromMinutes(58));
        var last = (await chain.GetAsync(Stop)).Credentials!;
        Assert.Equal("BOX2", last.Id);
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal("the container: status 500", Said(await chain.GetAsync(Stop)));
        agent.Answer = FakeHttp.Ok($$"""{"AccessKeyId":"OLD","SecretAccessKey":"s","Expiration":"{{Now(-90)}}"}""");
        Assert.Equal("the credentials of the container have ended 1m30s ago; renew them there, or look at this machine's clock", Said(await chain.GetAsync(Stop)));
    }

    [Fact]
    public async Task A_file_that_was_rotated_counts_within_minutes_and_at_once_when_the_old_key_was_refused()
    {
        Write("credentials", "[default]\naws_access_key_id = ONE\naws_secret_access_key = s\n");
        using var chain = Chain();
        var one = (await chain.GetAsync(Stop)).Credentials!;
        Write("credentials", "[default]\naws_access_key_id = TWO\naws_secret_access_key = s\n");
        Assert.Equal("ONE", (await chain.GetAsync(Stop)).Credentials!.Id);
        chain.Forget(one);
        Assert.Equal("TWO", (await chain.GetAsync(Stop)).Credentials!.Id);
        Write("credentials", "[default]\naws_access_key_id = THREE\naws_secret_access_key = s\n");
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal("THREE", (await chain.GetAsync(Stop)).Credentials!.Id);
    }

    [Theory]
    [InlineData("x", null, "the profile x of HOME/.aws/config has no keys; write aws_access_key_id and aws_secret_access_key, or for the role of the container or instance neither profile nor credentials")]
    [InlineData("y", null, "the profile y of HOME/.aws/credentials has no keys; write aws_access_key_id and aws_secret_access_key, or for the role of the container or instance neither profile nor credentials")]
    [InlineData(null, "HOME/.aws/own", "the profile default of HOME/.aws/own has no keys; write aws_access_key_id and aws_secret_access_key, or for the role of the container or instance neither profile nor credentials")]
    public async Task Who_wrote_which_keys_are_meant_is_not_given_those_of_the_machine(string? profile, string? file, string why)
    {
        await using var agent = new FakeHttp(FakeHttp.Ok("""{"AccessKeyId":"BOX","SecretAccessKey":"s"}"""));
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"http://{agent.Address}/";
        Write("config", "[profile x]\nregion = eu-west-1\n[default]\nregion = eu-west-1\n");
        Write("credentials", "[y]\n");
        Write("own", "[default]\n");
        File.SetUnixFileMode($"{home}/.aws/own", UnixFileMode.UserRead);
        Assert.Equal(why.Replace("HOME", home, StringComparison.Ordinal), await FindAsync(profile, file?.Replace("HOME", home, StringComparison.Ordinal)));
        Assert.Equal("BOX s - of the container", await FindAsync());
    }

    [Fact]
    public async Task A_file_of_keys_that_others_may_read_a_device_and_one_that_is_too_long_are_told()
    {
        Write("own", "[default]\naws_access_key_id = OWN\naws_secret_access_key = hush\n");
        File.SetUnixFileMode($"{home}/.aws/own", UnixFileMode.UserRead | UnixFileMode.OtherRead);
        Assert.Equal($"{home}/.aws/own: others may read or change it; chmod 0640, with the group of oops", await FindAsync(file: $"{home}/.aws/own"));
        Assert.Equal("/dev/zero: is no regular file", await FindAsync(file: "/dev/zero"));
        variables["AWS_CONFIG_FILE"] = "/dev/zero";
        Assert.Equal("/dev/zero: is no regular file", await FindAsync());
        variables["AWS_CONFIG_FILE"] = $"{home}/.aws/long";
        Write("long", new string('x', 1 << 20));
        Assert.Equal($"{home}/.aws/long: larger than 1048575 octets; this is not a file of AWS's tools", await FindAsync());
    }

    [Theory]
    [InlineData("""{"AccessKeyId":"\ud800","SecretAccessKey":"s"}""")]
    [InlineData("""{"AccessKeyId":1,"SecretAccessKey":"s"}""")]
    public async Task What_is_no_text_is_no_credential(string answer)
    {
        await using var agent = new FakeHttp(FakeHttp.Ok(answer));
        variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"http://{agent.Address}/";
        Assert.Equal("the container: what was answered has no credentials in it", await FindAsync());
    }

    [Fact]
    public async Task Web_identity_is_said_not_to_be_supported()
    {
        variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/token";
        Assert.StartsWith("AWS_WEB_IDENTITY_TOKEN_FILE is set, and web identity is not supported here", await FindAsync(), StringComparison.Ordinal);
    }
}
