using Oops.Core;
using Oops.Journal;
using Xunit;

namespace Oops.Tests.Journal;

public sealed class RenewalsTests
{
    readonly List<Renewals.Same> written = [];

    [Fact]
    public void Whose_word_is_known_stays_known_where_there_are_more_than_can_be_and_who_fell_silent_makes_room()
    {
        var renewals = new Renewals(written.Add);
        for (int i = 0; i < Renewals.Most; i++)
            Assert.True(renewals.IsNews(At(0), Word(i)));
        // One too many: each of its words is news, and the others' are not.
        Assert.True(renewals.IsNews(At(1), Word(Renewals.Most)));
        Assert.True(renewals.IsNews(At(2), Word(Renewals.Most)));
        Assert.False(renewals.IsNews(At(2), Word(0)));
        // Ten minutes later only that one has spoken.
        Assert.False(renewals.IsNews(At(700), Word(0)));
        Assert.True(renewals.IsNews(At(701), Word(Renewals.Most)));
        Assert.False(renewals.IsNews(At(702), Word(Renewals.Most)));
        Assert.True(renewals.IsNews(At(703), Word(1)));
    }

    static At At(double second) => new(TimeSpan.FromSeconds(1000 + second).Ticks);

    static ZoneSignal Word(int zone) => new("knot/ns1/control", $"z{zone}", Measure.Serial, 1);
}
