using Oops.Core;
using Xunit;

namespace Oops.Tests.Shape;

/// <summary>docs/conditions.md has a row for each kind, and it says what the code does.</summary>
public sealed class ConditionsPageTests
{
    public static TheoryData<string> Names => [.. Kinds.All.Select(k => k.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_kind_has_a_row_that_is_true(string name)
    {
        var kind = Kinds.Find(name)!;
        var row = Assert.Single(Rows(), r => r[0].Split(", ").Contains($"`{name}`"));
        // A share and a severity are parameters that may be left out, and what an external condition is, is written there.
        var parameter = kind.Kind switch { Kind.AllZonesReady => "`at-least`", Kind.DelegationMismatch => "`severity`", Kind.External => "`polarity`, `class`, `proof`", _ => kind.Parameter is { } p ? $"`{p}`" : "" };
        var well = kind.Kind == Kind.External ? "as stated" : kind.Polarity switch { Polarity.Good => "met", Polarity.Bad => "not-met", _ => "a level" };
        var moves = kind.Kind == Kind.External ? "as stated" : kind.Class.ToString().ToLowerInvariant();
        Assert.Equal((kind.Subject.ToString().ToLowerInvariant(), parameter, well, moves), (row[1], row[2], row[3], row[4]));
        Assert.NotEmpty(row[5]);
    }

    [Fact]
    public void No_row_is_about_what_is_no_kind() =>
        Assert.Empty(Rows().SelectMany(r => r[0].Split(", ")).Select(n => n.Trim('`')).Except(Kinds.All.Select(k => k.Name)));

    static List<string[]> Rows() =>
        [.. Repository.Text("docs/conditions.md").Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal)).Select(l => l.Trim('|', ' ').Split('|').Select(c => c.Trim()).ToArray())];
}
