using System.Collections.Immutable;
using System.Net;
using Oops.Actions.Bird;
using Oops.Core;
using Oops.Engine;
using Oops.Routers;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>
/// A restart changes nothing at the router, whatever the config is by then, and a reload nothing that it has not shown before: many histories, prefixes that come, go and move between two routes,
/// a router that is reached or not, and prefixes that somebody else announces.
/// </summary>
public sealed class ReplacedPropertyTests
{
    static readonly IPNetwork[] All = [IPNetwork.Parse("192.0.2.0/24"), IPNetwork.Parse("198.51.100.0/24"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("203.0.113.0/24")];

    /// <summary>Each prefix is r's, s's or nobody's.</summary>
    static Policy Draw(Random random)
    {
        var owner = All.Select(_ => random.Next(3)).ToArray();
        owner[random.Next(2)] = 0;
        owner[2 + random.Next(2)] = 1;
        var mode = random.Next(6) == 0 ? Mode.Observe : Mode.Act;
        var last = random.Next(6) == 0;
        var p = Rig.Simple(r => r with { LastResort = last });
        return p with
        {
            Servers = [.. p.Servers, new("ns2", ["a", "b"])],
            Channels = [.. p.Channels, Rig.Process("ns2"), Rig.Control("ns2")],
            Routes = [p.Routes[0] with { Prefixes = Of(0) }, p.Routes[0] with { Name = "s", Servers = ["ns2"], Prefixes = Of(1), Mode = mode }],
        };

        ImmutableArray<IPNetwork> Of(int who) => [.. All.Where((_, i) => owner[i] == who)];
    }

    /// <summary>The router: our file, as the tables that reached it made it, and what somebody else announces.</summary>
    sealed class World(HashSet<IPNetwork> foreign)
    {
        public ImmutableArray<RouteWanted> File { get; private set; } = [];

        public bool Reached { get; set; } = true;

        long done;

        public HashSet<string> Announced => [.. File.Where(r => r.Form != RouteForm.Withdrawn).SelectMany(r => r.Prefixes).Concat(foreign).Select(p => p.ToString())];

        /// <summary>What was told is done where the router is reached, and what it has is read.</summary>
        public void Turn(Rig rig, Policy policy)
        {
            for (var i = 0; i < 3; i++)
            {
                if (rig.Told is { } told && told.Sequence > done)
                {
                    if (Reached)
                    {
                        File = Ledger.Merge(File, told.Routes, told.Released, [.. policy.Routes.Select(r => new RouterRoute(r.Name, r.Prefixes, r.Mode == Mode.Observe))]);
                        done = told.Sequence;
                    }
                    rig.Say(new Applied("edge", told.Sequence, Reached ? Outcome.Done : new Retry("no socket")));
                }
                rig.Say(Reached ? Seen(policy) : new RouterUnseen("edge", "no socket"));
            }
        }

        RouterObserved Seen(Policy policy)
        {
            var configured = policy.Routes.SelectMany(r => r.Prefixes).ToHashSet();
            return new("edge", [.. policy.Routes.Select(Seen)], [.. File.Where(r => r.Form != RouteForm.Withdrawn).SelectMany(r => r.Prefixes).Where(p => !configured.Contains(p))]);
        }

        RouteSeen Seen(RouteSpec route)
        {
            var forms = route.Prefixes.Select(p => (Prefix: p, Form: File.FirstOrDefault(r => r.Form != RouteForm.Withdrawn && r.Prefixes.Contains(p)) is { } ours ? ours.Route == route.Name ? ours.Form : RouteForm.Plain : foreign.Contains(p) ? RouteForm.Plain : RouteForm.Withdrawn)).ToList();
            if (forms.TrueForAll(f => f.Form == forms[0].Form)) return new(route.Name, forms[0].Form);
            RouteForm[] there = [.. forms.Select(f => f.Form).Where(f => f != RouteForm.Withdrawn).Distinct()];
            return new(route.Name, there is [var form] ? form : null, "they differ") { Lacks = [.. forms.Where(f => f.Form == RouteForm.Withdrawn).Select(f => f.Prefix)] };
        }
    }

    static Input[] Event(Random random, World world)
    {
        var server = random.Next(2) == 0 ? "ns1" : "ns2";
        string[] routes = random.Next(3) switch { 0 => ["r"], 1 => ["s"], _ => [] };
        switch (random.Next(12))
        {
            case 0:
                return [new ProcessGone($"process/{server}", "signal 9")];
            case 1:
                return [new Hold("p", routes, null, "x")];
            case 2:
                return [new Unhold("p", routes)];
            case 3:
                return [new Confirm("p", routes)];
            case 4:
                return [new Drain("p", routes, null, TimeSpan.FromMinutes(20), false, false)];
            case 5:
                return [new Undrain("p", routes)];
            case 6:
                world.Reached = !world.Reached;
                return [];
            case 7 or 8:
                return [new ZoneSignal($"knot/{server}/control", "a", Measure.Serial, Signal.Absent)];
            default:
                return [.. Rig.Healthy(server, pid: random.Next(10, 99))];
        }
    }

    [Fact]
    public void A_restart_changes_nothing_at_the_router_and_a_reload_only_what_it_shows()
    {
        var seeds = Environment.GetEnvironmentVariable("OOPS_LONG") == "1" ? 50_000 : 5_000;
        for (var seed = 0; seed < seeds; seed++)
        {
            var random = new Random(seed);
            var world = new World(random.Next(3) == 0 ? [All[random.Next(All.Length)]] : []);
            var policy = Draw(random);
            var rig = new Rig(policy) { Obeys = false };
            List<string> log = [Describe(policy)];
            IReadOnlyList<string> lines = [];
            Live();
            for (var life = random.Next(1, 4); life > 0; life--)
            {
                for (var i = random.Next(1, 6); i > 0; i--)
                {
                    foreach (var input in Event(random, world))
                    {
                        log.Add(input.ToString()!);
                        rig.Say(input);
                    }
                    Live();
                }

                // What the machine before would have done is no change of the one after.
                world.Reached = true;
                Live();
                policy = random.Next(4) == 0 ? policy : Draw(random);
                var before = world.Announced;
                lines = [];
                if (random.Next(2) == 0)
                {
                    lines = Rehearsal.Differences(rig.Machine, policy, rig.Moment);
                    rig = rig.Reloaded(policy, obeys: false);
                    log.Add($"reload {Describe(policy)}; shown: {string.Join(" | ", lines)}");
                }
                else
                {
                    rig = rig.Restarted(policy);
                    log.Add($"restart {Describe(policy)}");
                }

                world.Turn(rig, policy);
                var shown = string.Join('\n', lines);
                var changed = Changed(before, world.Announced).Where(p => !(shown.Contains(p, StringComparison.Ordinal) || ShownWhole(policy, p, shown) || IsDrained(p) || WentAlong(p))).ToList();
                Assert.True(changed.Count == 0, $"seed {seed}: {string.Join(' ', changed)}\n{string.Join('\n', log)}\nbefore {string.Join(' ', before)}\nafter {string.Join(' ', world.Announced)}");
                Live();
            }

            // A person has taken that route out, and it is the route that counts.
            bool IsDrained(string prefix) => policy.Routes.FirstOrDefault(r => r.Prefixes.Contains(IPNetwork.Parse(prefix))) is { } route && rig.Route(route.Name).State == RouteState.Drained;

            // What left the config, or went to a route that is only observed, goes with a route that is shown to be withdrawn, if it stands with it in the router's file.
            bool WentAlong(string prefix) => lines.Any(l => l.Contains("withdrawn", StringComparison.Ordinal)) && policy.Routes.All(r => r.Mode == Mode.Observe || !r.Prefixes.Contains(IPNetwork.Parse(prefix)));

            void Live()
            {
                world.Turn(rig, policy);
                rig.Pass(5);
                world.Turn(rig, policy);
                log.Add($"  {(world.Reached ? "" : "unreached ")}{string.Join(' ', world.Announced)}: r {rig.Route("r").State}, s {rig.Route("s").State}");
            }
        }
    }

    static IEnumerable<string> Changed(HashSet<string> before, HashSet<string> after) => before.Except(after).Concat(after.Except(before));

    /// <summary>The line of a route whose form changes is about all of its prefixes.</summary>
    static bool ShownWhole(Policy policy, string prefix, string shown) =>
        policy.Routes.FirstOrDefault(r => r.Prefixes.Contains(IPNetwork.Parse(prefix))) is { } route && shown.Contains($"{route.Name}: ", StringComparison.Ordinal) && shown.Contains(" -> ", StringComparison.Ordinal);

    static string Describe(Policy policy) => string.Join("; ", policy.Routes.Select(r => $"{r.Name} {string.Join(' ', r.Prefixes)}"));
}
