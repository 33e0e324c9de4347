using Oops.Engine;
using Xunit;

namespace Oops.Tests.Engine;

public sealed class LatelyTests
{
    [Fact]
    public void Beyond_the_most_who_was_spoken_of_longest_ago_is_forgotten()
    {
        var lately = new Lately<string, int?>(2);
        lately.Set("a", 1);
        lately.Set("b", 2);
        lately.Set("a", 3);
        lately.Set("c", 4);
        Assert.Equal((3, null, 4, 2), (lately.Get("a"), lately.Get("b"), lately.Get("c"), lately.Count));
        lately.Remove("a");
        lately.Remove("b");
        Assert.Equal((null, 1), (lately.Get("a"), lately.Count));
    }
}
