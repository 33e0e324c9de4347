namespace Oops.Journal;

/// <summary>
/// What lines of the history are asked for: those of <paramref name="Id"/> and of what lies below it, and with <paramref name="About"/> (`ns1`, `ns1/nl`) also what is said of the conditions of that server
/// or zone, whose lines begin with the condition's name.
/// </summary>
internal sealed record Subject(string? Id, string? About = null)
{
    /// <summary>The subjects that an id as `explain` takes it may mean, the likeliest first: a bare name is a route, a server, an action, or a subject that only the journal has. Null: everything.</summary>
    public static IEnumerable<Subject> Of(string? id)
    {
        if (id is null) return [new(Id: null)];
        return id.Split('/', 4) switch
        {
            [var name] => [new("route/" + name), Server(name), new("action/" + name), new(name)],
            ["server", var name] => [Server(name)],
            ["zone", var server, .. var zone] when zone.Length > 0 => [Zone(server, string.Join('/', zone))],
            ["condition", var name, var server, var zone] => [new($"condition/{name}/{server}/{Canonical(zone)}")],
            _ => [new(id)],
        };
    }

    static Subject Server(string name) => new("server/" + name, name);

    static Subject Zone(string server, string zone) => new($"zone/{server}/{Canonical(zone)}", $"{server}/{Canonical(zone)}");

    /// <summary>A zone as everything names it: lower case, no last dot but the root's.</summary>
    public static string Canonical(string zone) => zone == "." ? zone : zone.ToLowerInvariant().TrimEnd('.');
}
