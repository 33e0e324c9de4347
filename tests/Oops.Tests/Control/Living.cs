using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Oops.Actions;
using Oops.Commands;
using Oops.Config;
using Oops.Control;
using Oops.Core;
using Oops.Engine;
using Oops.Native;
using Oops.Sources;
using Oops.Tests.Engine;

namespace Oops.Tests.Control;

/// <summary>A whole daemon in this process: real clock, journal and control socket in a folder of its own, a router that does as it is told.</summary>
internal sealed class Living : IAsyncDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("oops-daemon-").FullName;
    ControlServer? control;

    sealed class RouterConfig(FakeAction action) : IActionConfig
    {
        public string Name => "edge";

        public bool CarriesRoutes => true;

        public IAction Create(OopsConfig config) => action;
    }

    public FakeAction Router { get; } = new("edge");

    public Daemon Daemon { get; private set; } = null!;

    public ControlClient Client { get; private set; } = null!;

    public string Folder => folder;

    public string Socket => Path.Combine(folder, "control.sock");

    public static async Task<Living> StartAsync(Func<Policy, Policy>? change = null, string? config = null, bool announced = true, ISource? source = null, SourcesConfig? sources = null)
    {
        var living = new Living();
        living.Obey(announced ? RouteForm.Plain : RouteForm.Withdrawn);
        var policy = Small.Policy(TimeSpan.Zero);
        policy = change?.Invoke(policy) ?? policy;
        var plan = new Plan(
            new OopsConfig { Mode = policy.Mode, Servers = new Dictionary<string, ServerConfig>(), StateDirectory = living.folder, RuntimeDirectory = living.folder, Sources = sources ?? new() },
            policy,
            source is null ? [] : [new PlannedSource(source, source.Name)],
            [new PlannedAction(new RouterConfig(living.Router), "edge")]);
        living.Daemon = new(plan, config ?? Path.Combine(living.folder, "oops.yaml"), new("boot", "0.1.0-test"), BootTime.Instance, NullLogger.Instance);
        await living.Daemon.StartAsync();
        living.control = await ControlServer.StartAsync(living.Daemon, living.Socket, "root", new IPEndPoint(IPAddress.Loopback, 0), NullLogger.Instance, default);
        living.Client = new(living.Socket);
        foreach (var input in Small.Announced().Where(i => i is not (RouterObserved or Applied))) living.Daemon.Engine.Send(input);
        await living.UntilAsync(r => r.State is RouteState.Announced or RouteState.Adopted or RouteState.Kept);
        return living;
    }

    public async Task<RouteReport> UntilAsync(Func<RouteReport, bool> wanted)
    {
        RouteReport? route = null;
        for (var i = 0; i < 500; i++)
        {
            route = await Daemon.Engine.AskAsync((m, now) => m.Route("anycast4", now));
            if (route is not null && wanted(route)) return route;
            await Task.Delay(20);
        }

        throw new TimeoutException($"the route is {route}");
    }

    public Task<VerbAnswer> SayAsync(string verb, VerbRequest request) => Client.PostAsync(verb, request, TimeSpan.FromSeconds(20), default);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await control!.DisposeAsync();
        await Daemon.StopAsync();
        await Daemon.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    void Obey(RouteForm at)
    {
        var form = at;
        Router.Observe = () => new RouterObserved("edge", [new RouteSeen("anycast4", form)], ImmutableArray<IPNetwork>.Empty, "1");
        Router.Answer = (intent, _) =>
        {
            if (intent is RouterIntent table)
                foreach (var route in table.Routes) form = route.Form;
            return new(Outcome.Done);
        };
    }
}
