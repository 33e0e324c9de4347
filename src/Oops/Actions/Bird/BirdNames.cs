using System.Globalization;
using System.Text;
using Oops.Config;
using Oops.Core;
using Oops.Routers;

namespace Oops.Actions.Bird;

/// <summary>
/// The static protocols of a route: `oops_anycast4_plain4`, one per form and family. Whatever starts with `oops_` is ours: the export filter on the
/// router's side and the read-back go by it.
/// </summary>
internal static class BirdNames
{
    public const string Ours = "oops_";

    /// <summary>The forms that have a protocol, from the lowest preference to the highest: what is higher hides what is lower, and going from one to the other is an implicit replace, never a withdraw.</summary>
    public static readonly RouteForm[] Forms = [RouteForm.Plain, RouteForm.Degraded, RouteForm.Draining];

    public static string Protocol(string route, RouteForm form, bool six) => $"{Stem(route, form)}{(six ? '6' : '4')}";

    /// <summary>Both families in one command: `disable "oops_anycast4_plain?"`. The pattern matches no other route's protocols, since only the family's digit follows.</summary>
    public static string Pattern(string route, RouteForm form) => $"\"{Stem(route, form)}?\"";

    /// <summary>The protocols that are up when a route stands so. Plain stays up beneath the others.</summary>
    public static bool IsUp(RouteForm wanted, RouteForm protocol) => wanted != RouteForm.Withdrawn && (protocol == RouteForm.Plain || protocol == Carrier(wanted));

    /// <summary>Whose protocol has it.</summary>
    public static RouteForm? Carrier(RouteForm? form) => form == RouteForm.DrainingDegraded ? RouteForm.Draining : form;

    static string Stem(string route, RouteForm form) => $"{Ours}{Symbol(route)}_{RouteForms.Word(form)}";

    /// <summary>A route's name has no underscore, so this is one to one. A symbol has at most 63 characters in BIRD: a name beyond 45 is cut and told apart by a hash.</summary>
    static string Symbol(string route)
    {
        string symbol = route.Replace('-', '_');
        if (symbol.Length <= 45)
            return symbol;
        return string.Create(CultureInfo.InvariantCulture, $"{symbol[..36]}_{(uint)(Fingerprint.Of(route) >> 32):x8}");
    }
}
