using System.Text;
using Oops.Native;
using Xunit;

namespace Oops.Tests.Native;

public sealed class OutputTailTests
{
    static OutputTail Of(params string[] pieces)
    {
        var tail = new OutputTail(lines: 3, lineLength: 8);
        foreach (var piece in pieces) tail.Add(Encoding.UTF8.GetBytes(piece));
        return tail;
    }

    [Fact]
    public void The_last_lines_are_kept_the_unfinished_one_too() => Assert.Equal(["2", "3", "4"], Of("1\n2\n", "3\n4").Lines);

    [Fact]
    public void Lines_may_come_in_pieces_and_empty_ones_are_left_out() => Assert.Equal(["abc", "d"], Of("a", "b", "c\n\n\nd\r\n").Lines);

    [Fact]
    public void A_long_line_is_cut_and_says_so() => Assert.Equal(["12345678...", "x"], Of("123456789012", "34\nx\n").Lines);

    [Fact]
    public void The_last_line_is_the_unfinished_one_or_the_last_complete_one()
    {
        Assert.Equal("b", Of("a\nb").Last);
        Assert.Equal("b", Of("a\nb\n\n").Last);
        Assert.Equal("", Of().Last);
    }

    [Fact]
    public void What_could_steer_a_terminal_is_written_out()
    {
        Assert.Equal(@"\x1b[2J", Of("\u001b[2J").Last);
        Assert.Equal(@"a\u202eb", OutputTail.Printable("a\u202eb"));
        Assert.Equal(@"\x9b\x07\x00", OutputTail.Printable("\u009b\a\0"));
        Assert.Equal("é\t😀", OutputTail.Printable("é\t😀"));
    }

    [Fact]
    public void Invalid_UTF8_does_no_harm()
    {
        var tail = new OutputTail();
        tail.Add([0xff, 0xc3, 0x28, (byte)'\n']);
        Assert.Equal(["\ufffd\ufffd("], tail.Lines);
        Assert.Equal(4, tail.Bytes);
    }
}
