namespace Oops.Aws;

/// <summary>What signs requests. No text of it has a secret in it.</summary>
/// <param name="id">Of the key.</param>
/// <param name="secret">The key.</param>
/// <param name="token">Of a session; null: the key is somebody's for good.</param>
/// <param name="until">When it ends; null: nobody says.</param>
/// <param name="from">Where it is from, in words.</param>
internal sealed class AwsCredentials(string id, string secret, string? token, DateTimeOffset? until, string from)
{
    public string Id => id;

    public string Secret => secret;

    public string? Token => token;

    public DateTimeOffset? Until => until;

    public string From => from;

    public override string ToString() => from;
}
