using Oops.Core;
using Xunit;

namespace Oops.Tests.Shape;

public sealed class LayeringTests
{
    [Fact]
    public void Core_references_only_the_runtime() =>
        Assert.All(typeof(At).Assembly.GetReferencedAssemblies(), a => Assert.StartsWith("System", a.Name, StringComparison.Ordinal));
}
