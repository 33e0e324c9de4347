using System.CommandLine;
using Oops.Control;

namespace Oops.Commands;

/// <summary>`oops undrain`, `oops unhold`, `oops confirm`: a word and routes.</summary>
internal static class RouteVerbs
{
    public static Command Undrain() => New("undrain", "Ends a drain; full admission decides.");

    public static Command Confirm() => New("confirm", "Accepts what waits for a person: an adopted route as ours, a prefix that came into its config, a spent budget; without a route, a new config that waits, or, where none does, zone lists that shrank, too.");

    static Command New(string verb, string about)
    {
        var socket = Options.Socket();
        var routes = Options.Routes();
        return new Command(verb, about) { routes, socket }.Does((parsed, stop) =>
            Verb.PostAsync(parsed.GetValue(socket)!, verb, new() { Routes = Options.RoutesOf(parsed.GetValue(routes)) }, stop));
    }
}
