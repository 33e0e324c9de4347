using Oops.Core;

namespace Oops.Routers;

/// <summary>The forms of a route in words, as files and messages have them.</summary>
internal static class RouteForms
{
    public static string Word(RouteForm form) => form switch
    {
        RouteForm.Plain => "plain",
        RouteForm.Degraded => "degraded",
        RouteForm.Draining => "draining",
        RouteForm.DrainingDegraded => "draining-degraded",
        _ => "withdrawn",
    };

    public static RouteForm? Parse(string word) => word switch
    {
        "withdrawn" => RouteForm.Withdrawn,
        "plain" => RouteForm.Plain,
        "degraded" => RouteForm.Degraded,
        "draining" => RouteForm.Draining,
        "draining-degraded" => RouteForm.DrainingDegraded,
        _ => null,
    };
}
