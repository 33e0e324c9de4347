using System.CommandLine;
using Oops.Control;

namespace Oops.Commands;

/// <summary>`oops undrain`, `oops unhold`, `oops confirm`: a word and routes.</summary>
internal static class RouteVerbs
{
    public static Command Undrain() => New("undrain", "Ends a drain; full admission decides.");

    public static Command Confirm() => New("confirm", "Accepts adopted routes as ours; without a route also a new config that waits.");

    static Command New(string verb, string about)
    {
        var socket = Options.Socket();
        var routes = Options.Routes();
        return new Command(verb, about) { routes, socket }.Does((parsed, stop) =>
            Verb.PostAsync(parsed.GetValue(socket)!, verb, new() { Routes = Options.RoutesOf(parsed.GetValue(routes)) }, stop));
    }
}
