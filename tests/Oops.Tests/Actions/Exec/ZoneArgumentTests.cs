using FsCheck;
using FsCheck.Fluent;
using Oops.Actions.Exec;
using Xunit;

namespace Oops.Tests.Actions.Exec;

public sealed class ZoneArgumentTests
{
    [Theory]
    [InlineData(".", ".")]
    [InlineData("nl", "nl")]
    [InlineData("_dmarc.example-1.net", "_dmarc.example-1.net")]
    [InlineData("0/25.2.0.192.in-addr.arpa", @"0\04725.2.0.192.in-addr.arpa")]
    [InlineData("-rf.example", @"\045rf.example")]
    [InlineData("a.-rf", "a.-rf")]
    [InlineData(@"a\032b.example", @"a\032b.example")]
    public void A_zone_name_is_passed_in_a_form_that_is_neither_option_nor_path(string zone, string argument) => Assert.Equal(argument, ZoneArgument.From(zone));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData(".example")]
    [InlineData("example.")]
    [InlineData("a..b")]
    [InlineData("../etc/passwd")]
    [InlineData("Example")]
    [InlineData("a b")]
    [InlineData("a\nb")]
    [InlineData("$(reboot)")]
    [InlineData("a;b")]
    [InlineData("é")]
    [InlineData(@"a\")]
    [InlineData(@"a\04")]
    [InlineData(@"a\256")]
    [InlineData(@"a\-12")]
    [InlineData(@"a\/b")]
    [InlineData("a\\07\0")]
    public void What_is_no_canonical_zone_name_is_refused(string zone) => Assert.Null(ZoneArgument.From(zone));

    [Fact]
    public void Nothing_that_passes_can_be_taken_for_an_option_or_a_path() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Elements([.. "ab0-_./\\047 $\n\u0000é;'\""])).Select(c => new string(c)).ToArbitrary(), zone =>
            ZoneArgument.From(zone) is not { } argument || argument == "."
            || (argument[0] is not ('-' or '.') && argument.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.' or '\\') && !argument.Contains("..", StringComparison.Ordinal)))
            .QuickCheckThrowOnFailure();
}
