using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Oops.Keys;
using Xunit;
using static Oops.Tests.Keys.Made;

namespace Oops.Tests.Keys;

public sealed class KeyLogTests
{
    static readonly KeyData Old = Key("old"), New = Key("new"), Signing = Zsk("zsk");

    readonly List<KeyChanges> all = [];
    ImmutableArray<LoggedKey> log = [];
    bool seen;

    KeyChanges Take(double days, params KeyData[] served) => Take(days, whole: true, served);

    KeyChanges Take(double days, bool whole, params KeyData[] served)
    {
        log = KeyLog.Take(log, [.. served.Select(k => new HeardKey(k, 3600, k.IsRevoked))], [], whole, first: !seen, Start.AddDays(days), out var changes);
        seen = true;
        all.Add(changes);
        return changes;
    }

    LoggedKey Of(KeyData key) => log.Single(k => k.Key.Id == key.Id);

    [Fact]
    public void The_first_look_is_the_baseline_and_no_change()
    {
        Assert.False(Take(0, Old, Signing).Any);
        Assert.Equal(KeyState.Valid, Of(Old).State);
        Assert.Null(Of(Signing).State);
    }

    [Fact]
    public void A_zone_that_is_signed_later_has_new_keys()
    {
        Take(0);
        var changes = Take(1, Old);
        Assert.Equal([Old], changes.Added);
        Assert.EndsWith("algorithms none -> 13", changes.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_new_key_is_trusted_when_its_hold_down_is_over_and_not_a_moment_sooner()
    {
        Take(0, Old);
        Assert.Equal([New], Take(1, Old, New).Added);
        Take(30.9, Old, New);
        Assert.Equal(KeyState.AddPend, Of(New).State);
        Take(31, Old, New);
        Assert.Equal((KeyState.Valid, Start.AddDays(31), Start.AddDays(1)), (Of(New).State, Of(New).Since, Of(New).First));
    }

    [Fact]
    public void A_new_key_that_is_gone_meanwhile_begins_again()
    {
        Take(0, Old);
        Take(1, Old, New);
        Take(20, Old);
        Assert.Equal(KeyState.Start, Of(New).State);
        Take(21, Old, New);
        Take(31, Old, New);
        Assert.Equal(KeyState.AddPend, Of(New).State);
    }

    [Fact]
    public void A_valid_key_that_is_gone_is_missing_and_is_valid_again_when_it_is_back()
    {
        Take(0, Old, New);
        Assert.Equal([Old], Take(1, New).Removed);
        Assert.Equal((KeyState.Missing, Start.AddDays(1), Start), (Of(Old).State, Of(Old).Gone, Of(Old).Last));
        Assert.False(Take(2, New).Any);
        Assert.Equal([Old], Take(3, Old, New).Added);
        Assert.Equal(KeyState.Valid, Of(Old).State);
    }

    [Fact]
    public void A_revoked_key_is_the_same_key_with_another_tag_and_never_comes_back()
    {
        Take(0, Old, New);
        var revoked = Revoked(Old);
        Assert.NotEqual(Old.Tag, revoked.Tag);
        Assert.Equal([revoked], Take(1, revoked, New).Revoked);
        Assert.Equal(KeyState.Revoked, Of(Old).State);
        Take(2, New);
        Take(31, New);
        Assert.Equal(KeyState.Removed, Of(Old).State);
        Take(32, Old, New);
        Assert.Equal(KeyState.Removed, Of(Old).State);
    }

    [Fact]
    public void While_one_server_lags_a_key_that_another_has_revoked_is_revoked()
    {
        Take(0, Old);
        Take(1, Old, Revoked(Old));
        Assert.Single(log);
        Assert.Equal(KeyState.Revoked, Of(Old).State);
    }

    [Fact]
    public void Without_a_signature_of_its_own_the_REVOKE_bit_revokes_nothing()
    {
        var known = new ZoneKeys().Take(Look(Start, Set(Old, New)), out _);
        var bit = Set(Revoked(Old), New) with { Signers = [By(New)] };
        known = known.Take(Look(Start.AddDays(1), bit), out var changes);
        Assert.Equal($"with REVOKE and without a signature of its own {Revoked(Old)}", changes.ToString());
        Assert.Equal(KeyState.Valid, known.Log.Single(k => k.Key.Id == Old.Id).State);
        known = known.Take(Look(Start.AddDays(2), bit), out changes);
        Assert.False(changes.Any);
        known = known.Take(Look(Start.AddDays(3), Set(Revoked(Old), New)), out changes);
        Assert.Equal([Revoked(Old)], changes.Revoked);
        Assert.Equal(KeyState.Revoked, known.Log.Single(k => k.Key.Id == Old.Id).State);
    }

    [Fact]
    public void While_nobody_is_heard_no_key_grows_older()
    {
        var known = new ZoneKeys().Take(Look(Start, Set(Old)), out _).Take(Look(Start.AddDays(1), Set(Old, New)), out _);
        known = known.Take(Look(Start.AddDays(40), keys: null), out _);
        var key = known.Log.Single(k => k.Key.Id == New.Id);
        Assert.Equal((KeyState.AddPend, Start.AddDays(1)), (key.State, key.Last));
    }

    [Fact]
    public void A_key_of_a_silent_address_is_neither_seen_nor_gone()
    {
        var known = new ZoneKeys().Take(Look(Start, ds: null, Set(Old), Set(Old)), out _).Take(Look(Start.AddDays(1), ds: null, Set(Old), Set(Old, New)), out _);
        known = known.Take(Look(Start.AddDays(40), ds: null, Set(Old), null), out var changes);
        var key = known.Log.Single(k => k.Key.Id == New.Id);
        Assert.False(changes.Any);
        Assert.Equal((KeyState.AddPend, Start.AddDays(1), true), (key.State, key.Last, key.IsServed));
    }

    [Fact]
    public void What_a_silent_address_has_revoked_is_not_revoked_once_more()
    {
        var known = new ZoneKeys().Take(Look(Start, ds: null, Set(Old), Set(Old)), out _).Take(Look(Start.AddDays(1), ds: null, Set(Old), Set(Revoked(Old))), out _);
        known = known.Take(Look(Start.AddDays(2), ds: null, Set(Old), null), out var changes);
        Assert.False(changes.Any);
        known.Take(Look(Start.AddDays(3), ds: null, Set(Old), Set(Revoked(Old))), out changes);
        Assert.False(changes.Any);
    }

    [Fact]
    public void Who_is_asked_may_change_and_the_zone_is_not_new_for_that()
    {
        var known = new ZoneKeys().Take(Look(Start, Set(Old)), out _);
        known = known.Take(new(Start.AddDays(1), [new("192.0.2.99", null, "no answer")], []), out _);
        known = known.Take(new(Start.AddDays(2), [new("192.0.2.99", Set(Old, New), null)], []), out var changes);
        Assert.Equal([New], changes.Added);
        Assert.Equal(KeyState.AddPend, known.Log.Single(k => k.Key.Id == New.Id).State);
    }

    [Fact]
    public void What_not_everybody_was_heard_of_is_not_gone()
    {
        Take(0, whole: false, Old, New);
        Assert.False(Take(1, whole: false, New).Any);
        Assert.True(Of(Old).IsServed);
    }

    [Fact]
    public void Another_algorithm_is_told()
    {
        Take(0, Old);
        Assert.Equal("added " + Key("x", algorithm: 8) + "; removed " + Old + "; algorithms 13 -> 8", Take(1, Key("x", algorithm: 8)).ToString());
    }

    [Fact]
    public void The_log_is_bounded_and_forgets_what_was_gone_first()
    {
        for (var i = 0; i < 1000; i++) Take(i, Old, Zsk($"z{i}"));
        Assert.Equal(KeyLog.Most, log.Length);
        Assert.True(Of(Old).IsServed);
        Assert.Contains(log, k => k.Key.Equals(Zsk("z999")));
        Assert.DoesNotContain(log, k => k.Key.Equals(Zsk("z10")));
    }

    [Fact]
    public void Whatever_comes_and_goes_no_key_is_trusted_before_its_time_and_none_after_it_was_revoked() =>
        Prop.ForAll<byte[]>(steps =>
        {
            ImmutableArray<LoggedKey> keys = [];
            Dictionary<string, KeyState> before = [];
            for (var i = 0; i < steps.Length; i++)
            {
                var now = Start.AddDays(i * 7);
                List<HeardKey> served = [new(Signing, 3600, false)];
                if ((steps[i] & 1) != 0) served.Add(new(Old, 3600, false));
                if ((steps[i] & 2) != 0) served.Add(new(New, 3600, false));
                if ((steps[i] & 12) == 12) served.Add(new(Revoked(New), 3600, true));
                keys = KeyLog.Take(keys, served, [], whole: true, first: i == 0, now, out _);
                foreach (var key in keys.Where(k => k.State is not null))
                {
                    var was = before.TryGetValue(key.Key.Id, out var state) ? state : (KeyState?)null;
                    if (key.State == KeyState.Valid && was == KeyState.AddPend && now - key.First < KeyStates.AddHold) return false;
                    if (was is KeyState.Revoked or KeyState.Removed && key.State is not (KeyState.Revoked or KeyState.Removed)) return false;
                    if (was == KeyState.Removed && key.State != KeyState.Removed) return false;
                    before[key.Key.Id] = key.State!.Value;
                }
            }

            return keys.Select(k => k.Key.Id).Distinct().Count() == keys.Length;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(3600, null, 1800)]
    [InlineData(60, null, 30)]
    [InlineData(172_800, null, 86_400)]
    [InlineData(172_800, 7200, 3600)]
    [InlineData(8_640_000, 86_400_000, 1_296_000)]
    [InlineData(172_800, 100_000, 50_000)]
    [InlineData(172_800, -5, 0)]
    [InlineData(null, null, 1_296_000)]
    public void The_next_look_is_when_RFC_5011_says(int? ttl, int? signed, int seconds) =>
        Assert.Equal(seconds, KeyStates.Refresh(Span(ttl), Span(signed)).TotalSeconds);

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 10)]
    [InlineData(3, 40)]
    [InlineData(4, 60)]
    [InlineData(int.MaxValue, 60)]
    public void After_failures_it_is_looked_soon_and_then_less_and_less_often(int failures, int minutes) =>
        Assert.Equal(minutes, KeyStates.Retry(TimeSpan.FromMinutes(5), TimeSpan.FromHours(1), failures).TotalMinutes);

    static TimeSpan? Span(int? seconds) => seconds is { } s ? TimeSpan.FromSeconds(s) : null;
}
