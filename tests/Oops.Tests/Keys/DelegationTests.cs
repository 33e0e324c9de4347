using Oops.Keys;
using Xunit;
using static Oops.Tests.Keys.Made;

namespace Oops.Tests.Keys;

public sealed class DelegationTests
{
    static readonly KeyData Old = Key("old"), New = Key("new"), Signing = Zsk("zsk");

    ZoneKeys known = new();

    void Take(double hours, KeySet? keys, DsSet? ds) => known = known.Take(Look(Start.AddHours(hours), keys, ds), out _);

    Finding[] At(double hours) => [.. Findings(known, Start.AddHours(hours)).Where(f => f.Severity > Severity.Note)];

    Finding Worst(double hours) => Findings(known, Start.AddHours(hours))[0];

    [Fact]
    public void A_DS_of_a_key_that_signs_fits()
    {
        Take(0, Set(Old, Signing), Ds(Old));
        Assert.Empty(Findings(known, Start));
    }

    [Fact]
    public void A_DS_without_a_key_fails()
    {
        Take(0, Set(Old, Signing), Ds(New));
        Assert.Equal((FindingKind.DsWithoutKey, Severity.Fails), (Worst(0).Kind, Worst(0).Severity));
        Assert.Contains($"the DS ({New.Tag} 13) is of no key that 192.0.2.1 serves", Worst(0).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_DS_that_fits_is_enough_and_the_other_is_a_remark()
    {
        Take(0, Set(Old, Signing), Ds(Old, New));
        Assert.Empty(At(0));
        Assert.Equal(FindingKind.DsOfNoKey, Worst(0).Kind);
    }

    [Fact]
    public void The_key_of_the_DS_must_sign()
    {
        Take(0, Set(Old, New) with { Signers = [By(New)] }, Ds(Old));
        Assert.Equal(FindingKind.KeyDoesNotSign, Worst(0).Kind);
    }

    [Fact]
    public void A_revoked_key_does_not_count()
    {
        Take(0, Set(Old, Signing), Ds(Old));
        Take(1, Set(Revoked(Old), Signing), Ds(Old));
        Assert.Equal(FindingKind.DsWithoutKey, Worst(1).Kind);
        Assert.Contains("it serves a revoked key", Worst(1).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Keys_without_DS_are_not_validated()
    {
        Take(0, Set(Old, Signing), new DsSet());
        Assert.Equal((FindingKind.KeyWithoutDs, Severity.Unsigned), (Worst(0).Kind, Worst(0).Severity));
    }

    [Fact]
    public void Neither_keys_nor_DS_fits()
    {
        Take(0, new KeySet(), new DsSet());
        Assert.Empty(Findings(known, Start));
    }

    [Fact]
    public void Of_a_digest_that_nobody_knows_nothing_is_said()
    {
        Take(0, Set(Old, Signing), new DsSet { Ttl = Day, Records = [DsData.Of([1, 2, 13, 3, .. new byte[32]])!] });
        Assert.Empty(At(0));
    }

    [Fact]
    public void One_server_without_the_key_is_named()
    {
        known = known.Take(Look(Start, Ds(Old), Set(Old, Signing), Set(New, Signing)), out _);
        Assert.Contains("192.0.2.2 serves", Assert.Single(At(0)).Text, StringComparison.Ordinal);
    }

    /// <summary>.nz, May 2023: the new key's DS was at the parent, and the old key was removed while caches still had the old DS.</summary>
    [Fact]
    public void The_rollover_of_nz_2023_is_told_while_caches_have_the_old_DS()
    {
        Take(0, Set(Old, Signing), Ds(Old));
        Take(1, Set(Old, New, Signing), Ds(Old));
        Take(48, Set(Old, New, Signing), Ds(Old));
        Assert.Empty(At(48));
        // The DS is swapped: so far nobody fails, and it is said until when the old key must stay.
        Take(49, Set(Old, New, Signing), Ds(New));
        Assert.Empty(At(49));
        Assert.Equal((FindingKind.DsStillCached, Start.AddHours(73)), (Worst(49).Kind, Worst(49).Until));
        // And the old key goes, too early by 23 hours.
        Take(50, Set(New, Signing), Ds(New));
        var found = Assert.Single(At(50));
        Assert.Equal((FindingKind.CachedDsWithoutKey, Severity.MayFail, Start.AddHours(73)), (found.Kind, found.Severity, found.Until));
        Assert.Equal($"the DS {Old.Tag} 13 was gone from the parent at 2026-01-03 01:00:00Z (seen last 2026-01-03 00:00:00Z), and its TTL is 1d: caches may have it until 2026-01-04 01:00:00Z, and 192.0.2.1 does not sign with a key of it: they fail; bring the key back, and keep it until then", found.Text);
        Assert.NotEmpty(At(72.9));
        Assert.Empty(At(73));
    }

    /// <summary>It may have been there until a moment before the look that does not see it, however long ago it was looked before.</summary>
    [Theory]
    [InlineData(70)]
    [InlineData(10 * 86_400)]
    public void A_DS_is_in_caches_for_its_TTL_from_the_first_look_without_it(double seconds)
    {
        var swapped = seconds / 3600;
        Take(0, Set(Old, New, Signing), Ds(Old) with { Ttl = 60 });
        Take(swapped, Set(Old, New, Signing), Ds(New) with { Ttl = 60 });
        var until = Start.AddSeconds(seconds + 60);
        Assert.Equal((FindingKind.DsStillCached, until), (Worst(swapped).Kind, Worst(swapped).Until));
        // Further looks do not make it longer.
        Take(swapped + 10 / 3600d, Set(New, Signing), Ds(New) with { Ttl = 60 });
        var found = Assert.Single(At(swapped + 10 / 3600d));
        Assert.Equal((FindingKind.CachedDsWithoutKey, Severity.MayFail, until), (found.Kind, found.Severity, found.Until));
        Assert.Empty(At(swapped + 61 / 3600d));
    }

    [Fact]
    public void Keys_are_in_caches_for_their_TTL_from_the_first_look_without_them()
    {
        Take(0, Set(Old, Signing), Ds(Old));
        Take(2, Set(New, Signing), Ds(New));
        Assert.Contains(At(2), f => f is { Kind: FindingKind.CachedKeysWithoutDs } && f.Until == Start.AddHours(3));
        Assert.DoesNotContain(At(3), f => f.Kind == FindingKind.CachedKeysWithoutDs);
    }

    [Fact]
    public void A_DS_is_gone_when_no_server_of_the_parent_can_have_it()
    {
        void Parents(double hours, params DsSet?[] told) =>
            known = known.Take(new(Start.AddHours(hours), [new("192.0.2.1", Set(Old, New, Signing), null)], [.. told.Select((d, i) => new ParentLook($"198.51.100.{i + 1}", d, d is null ? "no answer" : null))]), out _);
        Finding? Cached(double hours) => Findings(known, Start.AddHours(hours)).SingleOrDefault(f => f.Kind == FindingKind.DsStillCached);
        Parents(0, Ds(Old), Ds(Old));
        known = known with { Stands = TimeSpan.FromHours(100) };
        Parents(1, Ds(New), null);
        Parents(40, Ds(New), null);
        // Of the second nothing is known since, and time alone does not end that.
        Assert.Equal((null, $"the DS {Old.Tag} 13 is not known to be gone from all servers of the parent (seen last 2026-01-01 00:00:00Z): caches may have it until it is, and its TTL, 1d, is over: keep its key and its signature until then"), (Cached(70)!.Until, Cached(70)!.Text));
        Parents(80, Ds(New), Ds(New));
        Assert.Equal(Start.AddHours(104), Cached(80)!.Until);
        // It comes back, and goes for good with one that was silent for too long.
        Parents(90, Ds(Old), Ds(New));
        known = known with { Stands = TimeSpan.FromHours(3) };
        Parents(91, null, Ds(New));
        Assert.Null(Cached(91)!.Until);
        Parents(94, null, Ds(New));
        Assert.Equal(Start.AddHours(118), Cached(94)!.Until);
        Parents(100, null, Ds(New));
        Assert.Equal(Start.AddHours(118), Cached(100)!.Until);
    }

    [Fact]
    public void A_row_of_an_earlier_version_knows_of_the_DS_that_is_there_that_it_may_go()
    {
        Take(0, Set(Old, New, Signing), Ds(Old) with { Ttl = 60 });
        Take(1, Set(Old, New, Signing), Ds(New) with { Ttl = 60 });
        known = known with { Parents = default, DsSets = [.. known.DsSets.Select(s => s with { Gone = null })] };
        Take(2, Set(Old, New, Signing), Ds(Old, New) with { Ttl = 60 });
        Assert.Equal(Start.AddSeconds(2 * 3600 + 60), Findings(known, Start.AddHours(2)).Single(f => f.Kind == FindingKind.DsStillCached).Until);
    }

    [Fact]
    public void The_same_rollover_that_waits_is_in_order_at_every_moment()
    {
        Take(0, Set(Old, Signing), Ds(Old));
        Take(1, Set(Old, New, Signing), Ds(Old));
        Take(48, Set(Old, New, Signing), Ds(Old));
        for (var hour = 49; hour < 74; hour++)
        {
            Take(hour, Set(Old, New, Signing), Ds(New));
            Assert.Empty(At(hour));
        }

        for (var hour = 74; hour < 100; hour++)
        {
            Take(hour, Set(New, Signing), Ds(New));
            Assert.Empty(At(hour));
        }
    }

    [Fact]
    public void A_DS_that_comes_before_caches_can_have_its_key_is_told()
    {
        Take(0, Set(Old, Signing), Ds(Old));
        Take(0.5, Set(New, Signing), Ds(New));
        Assert.Equal([FindingKind.CachedDsWithoutKey, FindingKind.CachedKeysWithoutDs], At(0.5).Select(f => f.Kind).Order());
        // The keys' TTL is an hour, the DS's a day.
        Assert.Equal([FindingKind.CachedDsWithoutKey], At(1.6).Select(f => f.Kind));
    }

    /// <summary>Slack, September 2021: the DS was pulled and the zone unsigned, and caches had the DS for a day.</summary>
    [Fact]
    public void Slack_2021_unsigned_while_the_DS_is_cached()
    {
        Take(0, Set(Old, Signing), Ds(Old));
        Take(1, Set(Old, Signing), new DsSet());
        Assert.Contains(Findings(known, Start.AddHours(1)), f => f.Kind == FindingKind.DsStillCached);
        Take(2, new KeySet(), new DsSet());
        Assert.Equal((FindingKind.CachedDsWithoutKey, Start.AddHours(25)), (Worst(2).Kind, Worst(2).Until));
        // Signed again with the same key: the way out.
        Take(3, Set(Old, Signing), new DsSet());
        Assert.DoesNotContain(At(3), f => f.Kind == FindingKind.CachedDsWithoutKey);
    }

    /// <summary>.ru, January 2024: two keys with one tag.</summary>
    [Fact]
    public void Two_keys_with_one_tag_are_told()
    {
        var twin = SameTag(Signing);
        Assert.Equal(Signing.Tag, twin.Tag);
        Assert.NotEqual(Signing.Id, twin.Id);
        Take(0, Set(Old, Signing, twin), Ds(Old));
        Assert.Contains($"2 keys have the tag {twin.Tag}", Assert.Single(At(0)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void CDS_that_is_not_the_DS_wants_a_change()
    {
        Take(0, Set(Old, New, Signing) with { Cds = Ds(New).Records, Cdnskey = [New] }, Ds(Old));
        Assert.Equal(($"the zone asks for the DS {New.Tag} 13, and the parent has {Old.Tag} 13", Severity.ChangeWanted), (At(0).Single().Text, At(0).Single().Severity));
        Take(1, Set(Old, New, Signing) with { Cds = Ds(New).Records, Cdnskey = [New] }, Ds(New));
        Assert.Empty(At(1));
    }

    [Fact]
    public void CDNSKEY_alone_wants_a_change_too()
    {
        Take(0, Set(Old, New, Signing) with { Cdnskey = [New] }, Ds(Old));
        Assert.Equal(FindingKind.CdsWantsChange, Worst(0).Kind);
    }

    [Fact]
    public void CDS_that_asks_for_removal_wants_a_change_until_there_is_no_DS()
    {
        var delete = Set(Old, Signing) with { Cds = [DsData.Of([0, 0, 0, 0, 0])!] };
        Take(0, delete, Ds(Old));
        Assert.Equal(FindingKind.CdsWantsChange, At(0).Single().Kind);
        Take(48, delete, new DsSet());
        Assert.Empty(At(48));
    }

    [Fact]
    public void CDS_and_CDNSKEY_of_different_keys_are_taken_by_nobody()
    {
        Take(0, Set(Old, New, Signing) with { Cds = Ds(New).Records, Cdnskey = [Old] }, Ds(Old));
        Assert.Equal(FindingKind.CdsUnfit, At(0).Single().Kind);
    }

    [Fact]
    public void CDS_of_a_key_that_is_not_served_would_break_the_zone()
    {
        Take(0, Set(Old, Signing) with { Cds = Ds(New).Records }, Ds(Old));
        Assert.Contains(At(0), f => f.Kind == FindingKind.CdsUnfit && f.Text.Contains("would break the zone", StringComparison.Ordinal));
    }

    [Fact]
    public void Servers_that_differ_are_told_when_the_grace_is_over()
    {
        var both = Ds(Old);
        known = known.Take(Look(Start, both, Set(Old, Signing), Set(Old, Signing, New)), out _);
        Assert.Empty(At(0));
        known = known.Take(Look(Start.AddHours(1), both, Set(Old, Signing), Set(Old, Signing, New)), out _);
        Assert.Equal(FindingKind.ServersDiffer, Assert.Single(At(1)).Kind);
    }

    [Fact]
    public void The_parents_servers_that_differ_leave_it_unknown()
    {
        known = known.Take(new(Start, [new("192.0.2.1", Set(Old, Signing), null)], [new("198.51.100.1", Ds(Old), null), new("198.51.100.2", Ds(New), null), new("198.51.100.3", null, "no answer")]), out _);
        Assert.Null(known.Ds);
        Assert.Equal($"the parent's servers differ about the DS: 198.51.100.1 has {Old.Tag} 13; 198.51.100.2 has {New.Tag} 13", Findings(known, Start).Single(f => f.Kind == FindingKind.ParentsDiffer).Text);
    }

    [Fact]
    public void A_parent_that_does_not_answer_has_removed_nothing()
    {
        Take(0, Set(Old, Signing), Ds(Old));
        Take(1, Set(Old, Signing), null);
        Assert.True(known.Ds!.IsSame(Ds(Old)));
        Assert.Empty(At(1));
    }

    [Fact]
    public void A_server_that_does_not_answer_has_removed_nothing()
    {
        known = known.Take(Look(Start, Ds(Old), Set(Old, Signing), Set(Old, Signing)), out _);
        known = known.Take(Look(Start.AddHours(1), Ds(Old), null, Set(New, Signing)), out var changes);
        Assert.Equal([New], changes.Added);
        Assert.Empty(changes.Removed);
        known = known.Take(Look(Start.AddHours(2), Ds(Old), null, null), out changes);
        Assert.False(changes.Any);
        known = known.Take(Look(Start.AddHours(3), Ds(Old), Set(New, Signing), null), out changes);
        Assert.Equal([Old], changes.Removed);
    }

    [Fact]
    public void What_is_remembered_is_bounded()
    {
        for (var i = 0; i < 200; i++) Take(i, Set(Key($"k{i}")), Ds(Key($"k{i}")));
        Assert.True(known.KeySets.Length <= ZoneKeys.MostSets && known.DsSets.Length <= ZoneKeys.MostSets && known.Log.Length <= KeyLog.Most);
    }

    [Fact]
    public void No_TTL_keeps_anything_in_caches_for_more_than_a_week()
    {
        Take(0, Set(Old, Signing), Ds(Old) with { Ttl = uint.MaxValue });
        Take(1, Set(New, Signing) with { Ttl = uint.MaxValue }, Ds(New) with { Ttl = uint.MaxValue });
        Assert.Equal(FindingKind.CachedDsWithoutKey, Worst(7 * 24).Kind);
        Assert.Empty(At(7 * 24 + 1));
    }

    [Fact]
    public void The_signature_of_the_DSs_key_must_not_have_ended()
    {
        Take(0, Set(Old, New) with { Signers = [By(Old, Start.AddHours(1)), By(New)] }, Ds(Old));
        Assert.Empty(At(0.9));
        Assert.Equal((FindingKind.KeyDoesNotSign, Severity.Fails), (Worst(1).Kind, Worst(1).Severity));
        Assert.Contains("no signature of the DNSKEY RRset that has not ended", Worst(1).Text, StringComparison.Ordinal);
    }

    /// <summary>The signer's clock is ahead: to a validator such a signature is none (RFC 4035, 5.3.1).</summary>
    [Fact]
    public void The_signature_of_the_DSs_key_must_have_begun()
    {
        Take(0, Set(Old, New) with { Signers = [By(Old) with { From = Start.AddHours(1) }, By(New)] }, Ds(Old));
        Assert.Equal((FindingKind.KeyDoesNotSign, Severity.Fails, Start.AddHours(1)), (Worst(0).Kind, Worst(0).Severity, Worst(0).Until));
        Assert.Contains("no signature of the DNSKEY RRset that has begun by a key", Worst(0).Text, StringComparison.Ordinal);
        Assert.Empty(At(1));
    }

    [Fact]
    public void That_no_signature_of_the_keys_has_begun_is_a_remark_where_there_is_no_DS()
    {
        Take(0, Set(Old) with { Signers = [By(Old) with { From = Start.AddHours(1) }] }, new DsSet());
        Assert.Equal("no signature of the DNSKEY RRset at 192.0.2.1 has begun: the first begins 2026-01-01 01:00:00Z", Findings(known, Start).Single(f => f.Kind == FindingKind.SignatureEnds).Text);
    }

    [Fact]
    public void A_key_that_is_revoked_now_was_not_when_caches_took_it()
    {
        Take(0, Set(Old, Signing), Ds(Old, New));
        Take(0.5, Set(Revoked(Old), New, Signing), Ds(Old, New));
        Assert.DoesNotContain(Findings(known, Start.AddHours(0.5)), f => f.Kind == FindingKind.CachedKeysWithoutDs);
    }

    [Fact]
    public void A_TTL_that_is_lowered_does_not_empty_the_caches()
    {
        Take(0, Set(Old, Signing), Ds(Old));
        Take(1, Set(Old, New, Signing), Ds(Old) with { Ttl = 60 });
        Take(2, Set(New, Signing), Ds(New) with { Ttl = 60 });
        // They may have taken it with the old one until a moment before it was seen with the new one.
        Assert.Equal((FindingKind.CachedDsWithoutKey, Start.AddHours(25)), (Worst(2).Kind, Worst(2).Until));
        Assert.Contains("its TTL is 1m, and was longer before:", Worst(2).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nor_do_the_keys()
    {
        Take(0, Set(Old, Signing) with { Ttl = Day }, Ds(Old));
        Take(1, Set(Old, Signing) with { Ttl = 60 }, Ds(Old));
        Take(2, Set(New, Signing) with { Ttl = 60 }, Ds(New));
        Assert.Contains(At(23), f => f.Kind == FindingKind.CachedKeysWithoutDs && f.Until == Start.AddHours(25));
    }

    [Fact]
    public void What_a_clock_of_the_future_has_seen_is_in_no_cache()
    {
        Take(48, Set(Old, Signing), Ds(Old));
        Take(1, Set(New, Signing), Ds(New));
        Assert.DoesNotContain(Findings(known, Start.AddHours(1)), f => f.Kind is FindingKind.CachedDsWithoutKey or FindingKind.DsStillCached or FindingKind.CachedKeysWithoutDs);
    }

    [Fact]
    public void An_address_that_was_not_heard_for_long_is_not_judged()
    {
        known = known.Take(Look(Start, Ds(Old), Set(Old, Signing), Set(Old, Signing)), out _) with { Stands = TimeSpan.FromHours(3) };
        known = known.Take(Look(Start.AddHours(2), Ds(New) with { Ttl = 60 }, null, Set(New, Signing)), out _);
        Assert.Contains(At(2), f => f.Kind == FindingKind.DsWithoutKey);
        Assert.Contains(At(2.5), f => f.Kind == FindingKind.ServersDiffer);
        Assert.DoesNotContain(At(4), f => f.Kind is FindingKind.DsWithoutKey or FindingKind.ServersDiffer);
        Assert.Equal("192.0.2.1 was not heard since 2026-01-01 00:00:00Z: what it serves is not judged (no answer)", Findings(known, Start.AddHours(4)).Single(f => f.Kind == FindingKind.NotHeard).Text);
    }

    [Fact]
    public void Who_does_not_answer_is_named_with_his_reason_from_the_first_look()
    {
        known = known.Take(Look(Start, null, null, Set(Old, Signing)), out _) with { Stands = TimeSpan.FromHours(3) };
        Assert.Equal(["192.0.2.1 was never heard: no answer", "the parent was never heard: 198.51.100.1: "], Findings(known, Start).Select(f => f.Text));
        known = known.Take(Look(Start.AddHours(1), Ds(Old), Set(Old, Signing), null), out _);
        Assert.Equal(["192.0.2.2 was not heard since 2026-01-01 00:00:00Z: what it served then is judged (no answer)"], Findings(known, Start.AddHours(1)).Select(f => f.Text));
    }

    [Fact]
    public void What_the_parent_said_last_is_judged_for_three_intervals_and_its_age_is_told()
    {
        Take(0, Set(Old, Signing), Ds(New));
        known = known with { Stands = TimeSpan.FromHours(3) };
        Take(2, Set(Old, Signing), null);
        Assert.Equal([FindingKind.DsWithoutKey, FindingKind.NotHeard, FindingKind.DsOfNoKey], Findings(known, Start.AddHours(3)).Select(f => f.Kind));
        Assert.Equal("the parent was not heard since 2026-01-01 00:00:00Z: the DS of then is judged (198.51.100.1: no answer)", Findings(known, Start.AddHours(3))[1].Text);
        Assert.Equal("the parent was not heard since 2026-01-01 00:00:00Z: the DS is not judged (198.51.100.1: no answer)", Assert.Single(Findings(known, Start.AddHours(3.5))).Text);
    }

    [Fact]
    public void The_number_of_what_is_asked_for_is_the_same_for_the_same_records_alone()
    {
        uint? Asked(params KeySet[] servers) => new ZoneKeys().Take(Look(Start, Ds(Old), servers), out _).Asked(Start);
        KeySet With(params KeyData[] keys) => Set(Old, New) with { Cds = Ds(keys).Records };
        Assert.Equal(0u, Asked(Set(Old)));
        Assert.Null(new ZoneKeys().Asked(Start));
        Assert.Null(Asked(With(Old), With(New)));
        Assert.Equal(Asked(With(Old)), Asked(With(Old), With(Old)));
        uint?[] numbers = [Asked(With(Old)), Asked(With(New)), Asked(With(Old, New)), Asked(With(Old) with { Cdnskey = [Old] }), 0];
        Assert.Equal(5, numbers.Distinct().Count());
    }

    [Fact]
    public void The_number_of_a_key_set_is_the_same_for_the_same_keys_alone()
    {
        var before = known.Hash;
        Take(0, Set(Old, Signing), null);
        var one = known.Hash;
        Take(1, Set(Old, Signing, New), null);
        var two = known.Hash;
        Take(2, Set(Signing, Old), null);
        Assert.Equal((0u, one), (before, known.Hash));
        Take(3, Set(Revoked(Old), Signing), null);
        Assert.Equal(4, new HashSet<uint> { before, one, two, known.Hash }.Count);
    }
}
