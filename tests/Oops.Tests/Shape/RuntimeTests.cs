using System.Xml.Linq;
using Xunit;

namespace Oops.Tests.Shape;

/// <summary>What `oops` asks of the runtime, and what rests on it.</summary>
public sealed class RuntimeTests
{
    static readonly XElement Project = XDocument.Parse(Repository.Text("src/Oops/Oops.csproj")).Root!;

    /// <summary>A thread that the runtime makes on the thread of the connections would share their table of descriptors, and keep them open (ADR 17).</summary>
    [Theory]
    [InlineData("ConcurrentGarbageCollection", "")]
    [InlineData("TieredCompilation", "'$(PublishReadyToRun)' == 'true'")]
    public void The_runtime_makes_no_thread_of_its_own_for_memory_nor_in_what_is_shipped_for_code(string setting, string condition)
    {
        var set = Assert.Single(Project.Descendants(setting));
        Assert.Equal(("false", condition), (set.Value, (string?)set.Parent!.Attribute("Condition") ?? ""));
        Assert.Contains($"`{setting}=false`", Repository.Text("docs/adr/0017-a-speakers-connections-have-a-table-of-their-own.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_shipped_is_published_ready_to_run() => Assert.Matches(@"(?m)^\t@dotnet publish src/Oops .*-p:PublishReadyToRun=true", Repository.Text("Makefile"));
}
