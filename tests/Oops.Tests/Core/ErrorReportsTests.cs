using Oops.Core;
using Xunit;

namespace Oops.Tests.Core;

/// <summary>What counts of reports, how it is remarked on, and what is known of each Extended DNS Error.</summary>
public sealed class ErrorReportsTests
{
    static readonly KindSpec Condition = new("bogus", Kind.ErrorReported) { Codes = new([6, 7, 9, 10, 12]) };

    [Theory]
    [InlineData(12, 3, 12)]
    [InlineData(12.9, 4, 12)]
    [InlineData(12, 2, 0)]
    [InlineData(1_000_000, 0, 0)]
    [InlineData(0, 3, 0)]
    [InlineData(-1, 3, 0)]
    public void Weights_are_added_and_rounded_down_and_nothing_counts_of_fewer_networks(double weight, int networks, long counted) =>
        Assert.Equal(counted, ErrorReports.Counted(Condition, weight, networks));

    [Fact]
    public void Ten_tenths_are_one() => Assert.Equal(1, ErrorReports.Counted(Condition, Enumerable.Repeat(0.1, 10).Aggregate(0.0, (a, b) => a + b), 3));

    [Theory]
    [InlineData(new[] { 6 }, null, "6 (dnssec-bogus)")]
    [InlineData(new[] { 7, 6, 7 }, "www.nl A", "7 (signature-expired), 6 (dnssec-bogus); www.nl A")]
    [InlineData(new[] { 49152 }, "x; y", "49152; x; y")]
    [InlineData(new int[0], "500 of 1 network", "500 of 1 network")]
    [InlineData(new int[0], null, null)]
    public void A_remark_names_the_errors_first(int[] codes, string? more, string? remark)
    {
        Assert.Equal(remark, ErrorReports.Remark(codes, more));
        Assert.Equal(codes.Distinct(), ErrorReports.CodesIn(remark));
    }

    [Theory]
    [InlineData("6")]
    [InlineData("6 (dnssec-bogus), ")]
    [InlineData("6 (signature-expired)")]
    [InlineData("6  (dnssec-bogus)")]
    [InlineData("+6 (dnssec-bogus)")]
    [InlineData("65536")]
    [InlineData("6 (dnssec-bogus), www.nl")]
    [InlineData("")]
    public void What_only_looks_like_one_names_none(string remark) => Assert.Empty(ErrorReports.CodesIn(remark));

    [Fact]
    public void A_long_set_is_cut_in_words()
    {
        Assert.Equal("no reports of 6 (dnssec-bogus), 7 (signature-expired), 9 (dnskey-missing) and 2 other codes within 30m from 3 networks or more, met at 10", ErrorReports.Says(Condition, "no reports", null));
        Assert.Equal("1 report of 6 (dnssec-bogus) within 1h from 1 network or more, met at 1", ErrorReports.Says(Condition with { Networks = 1, Number = 1, Span = TimeSpan.FromHours(1) }, "1 report", "6 (dnssec-bogus)"));
        Assert.Equal(ErrorReports.MostCodes, ErrorReports.CodesIn(ErrorReports.Remark(Enumerable.Range(0, 31))).Length);
    }

    [Fact]
    public void Each_code_of_the_registry_has_its_place_a_name_a_meaning_and_advice()
    {
        Assert.Equal(Enumerable.Range(0, 31), ErrorInfo.All.Select(i => i.Code));
        Assert.Equal(31, ErrorInfo.All.Select(i => i.Name).Distinct().Count());
        Assert.All(ErrorInfo.All, i =>
        {
            Assert.Matches("^[a-z0-9-]+$", i.Name);
            Assert.InRange(i.Meaning.Length, 10, 120);
            Assert.InRange(i.Advice.Length, 40, 250);
            Assert.EndsWith(".", i.Advice, StringComparison.Ordinal);
            Assert.DoesNotContain("|", i.Meaning + i.Advice, StringComparison.Ordinal);
        });
        Assert.Equal((null, null), (ErrorInfo.Of(31), ErrorInfo.Of(-1)));
    }

    [Fact]
    public void Advice_is_given_once_for_each_error_that_is_reported()
    {
        Assert.Equal([$"6 (dnssec-bogus): {ErrorInfo.Of(6)!.Advice}", "49152: It is not in the registry; the documentation of the software that reports it has it."], ErrorReports.Advice([6, 49152, 6]));
    }

    [Fact]
    public void The_page_of_the_reference_says_what_the_code_says() =>
        Assert.EndsWith(ErrorInfo.Table(), Repository.Text("docs/reference/extended-errors.md"), StringComparison.Ordinal);
}
