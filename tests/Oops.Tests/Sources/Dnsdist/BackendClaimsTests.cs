using System.Collections.Immutable;
using System.Net;
using Oops.Core;
using Oops.Engine;
using Oops.Servers;
using Oops.Sources.Dnsdist;
using Oops.Wire.Dnsdist;
using Xunit;

namespace Oops.Tests.Sources.Dnsdist;

public sealed class BackendClaimsTests
{
    readonly Clock engine = new();

    [Fact]
    public void Enough_are_well_and_too_few_are_trouble_after_the_grace()
    {
        var claims = Claims(atLeast: 2, grace: 10);
        claims.Take([Up("a"), Up("b"), Down("c")]);
        Assert.Equal((State.Met, Evidence.Proof), Said());
        claims.Take([Up("a"), Down("b"), Down("c")]);
        Assert.Equal((State.Met, Evidence.Proof), Said());
        engine.Now += TimeSpan.FromSeconds(9);
        claims.Take([Up("a"), Down("b"), Down("c")]);
        Assert.Equal((State.Met, Evidence.Proof), Said());
        engine.Now += TimeSpan.FromSeconds(1);
        claims.Take([Up("a"), Down("b"), Down("c")]);
        Assert.Equal((State.NotMet, Evidence.Proof), Said());
        Assert.Equal("1 of 3 backends up, at least 2 wanted; down: b, c", engine.Last!.Detail);
        claims.Take([Up("a"), Up("b"), Down("c")]);
        Assert.Equal((State.Met, Evidence.Proof), Said());
    }

    [Fact]
    public void A_flap_within_the_grace_is_none_and_the_next_one_has_its_own()
    {
        var claims = Claims(atLeast: 1, grace: 10);
        claims.Take([Up("a")]);
        for (var i = 0; i < 5; i++)
        {
            claims.Take([Down("a")]);
            engine.Now += TimeSpan.FromSeconds(9);
            claims.Take([Down("a")]);
            Assert.Equal(State.Met, Said().State);
            claims.Take([Up("a")]);
        }
    }

    [Fact]
    public void Too_few_from_the_beginning_are_unknown_until_the_grace_is_over()
    {
        var claims = Claims(atLeast: 1, grace: 10);
        claims.Take([Down("a")]);
        Assert.Equal((State.Unknown, Evidence.Suspicion), Said());
        engine.Now += TimeSpan.FromSeconds(10);
        claims.Take([Down("a")]);
        Assert.Equal(State.NotMet, Said().State);
    }

    [Fact]
    public void A_bad_condition_is_met_by_too_few()
    {
        var claims = Claims(atLeast: 1, grace: 0, polarity: Polarity.Bad);
        claims.Take([Down("a")]);
        Assert.Equal(State.Met, Said().State);
        claims.Take([Up("a")]);
        Assert.Equal(State.NotMet, Said().State);
    }

    [Fact]
    public void No_backends_are_unknown_and_so_is_a_dnsdist_that_does_not_tell()
    {
        var claims = Claims(atLeast: 1, grace: 0, pool: "p");
        claims.Take([Up("a", "p")]);
        Assert.Equal(State.Met, Said().State);
        claims.Take([Up("a", "q")]);
        Assert.Equal(State.Unknown, Said().State);
        claims.Take([Up("a", "p")]);
        claims.Lost("silent");
        Assert.Equal((State.Unknown, Evidence.Suspicion), Said());
    }

    BackendClaims Claims(int atLeast, int grace, Polarity polarity = Polarity.Good, string? pool = null)
    {
        var rule = new BackendsRule("ok", polarity, Evidence.Proof, pool, atLeast, TimeSpan.FromSeconds(grace));
        var options = new DnsdistOptions("lb1", new HttpApiOptions("dnsdist", new IPEndPoint(IPAddress.Loopback, 1), TimeSpan.FromSeconds(1)), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), [rule]);
        return new BackendClaims(options, rule, engine);
    }

    (State State, Evidence Evidence) Said() => (engine.Last!.State, engine.Last.Evidence);

    static DnsdistBackend Up(string name, params string[] pools) => new(name, "192.0.2.1:53", DnsdistState.Up, [.. pools]);

    static DnsdistBackend Down(string name) => new(name, "192.0.2.1:53", DnsdistState.Down, []);

    sealed class Clock : IEngine
    {
        public ExternalClaim? Last { get; private set; }

        public TimeProvider Time => TimeProvider.System;

        public At Now { get; set; } = new(TimeSpan.FromHours(1).Ticks);

        public void Send(Input input) => Last = (ExternalClaim)input;

        public ServerView Server(string name) => new([], false, null, 0);
    }
}
