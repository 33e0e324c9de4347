namespace Oops.Sources.SdNotify;

/// <summary>One server's socket.</summary>
/// <param name="Server">The server's name in the config.</param>
/// <param name="Listen">Where we listen.</param>
/// <param name="Forward">Where it goes on to; null: nowhere.</param>
internal sealed record SdNotifyTarget(string Server, string Listen, string? Forward)
{
    public string Channel => $"sd-notify/{Server}";
}
