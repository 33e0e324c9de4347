using System.CommandLine;

namespace Oops.Commands;

/// <summary>`oops release PREFIX`.</summary>
internal static class ReleaseCommand
{
    public static Command New()
    {
        var socket = Options.Socket();
        var prefix = new Argument<string>("prefix") { Description = "A prefix that left the config and is still at the router." };
        return new Command("release", "Lets go of a prefix that left the config.") { prefix, socket }.Does((parsed, stop) =>
            Verb.PostAsync(parsed.GetValue(socket)!, "release", new() { Prefix = parsed.GetValue(prefix) }, stop));
    }
}
