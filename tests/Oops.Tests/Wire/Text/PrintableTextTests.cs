using Oops.Wire.Text;
using Xunit;

namespace Oops.Tests.Wire.Text;

public sealed class PrintableTextTests
{
    [Fact]
    public void What_a_terminal_would_obey_is_a_question_mark() => Assert.Equal("a?[2J ~??", PrintableText.Of("a\u001b[2J ~\u00e9"u8));

    [Fact]
    public void Its_length_is_bounded() => Assert.Equal(200, PrintableText.Of(new byte[100_000]).Length);
}
