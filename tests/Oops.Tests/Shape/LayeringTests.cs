using System.Text.RegularExpressions;
using Oops.Core;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Shape;

public sealed partial class LayeringTests
{
    [Fact]
    public void Core_references_only_the_runtime() =>
        Assert.All(typeof(At).Assembly.GetReferencedAssemblies(), a => Assert.StartsWith("System", a.Name, StringComparison.Ordinal));

    [Fact]
    public void Wire_references_only_the_runtime() =>
        Assert.All(typeof(DnsName).Assembly.GetReferencedAssemblies(), a => Assert.StartsWith("System", a.Name, StringComparison.Ordinal));

    [Fact]
    public void Core_has_no_clock_no_task_no_lock_and_no_chance() =>
        Assert.Empty(Repository.Code("src/Oops.Core").SelectMany(f => File.ReadLines(f).Where(l => Impure().IsMatch(Uncommented(l))).Select(l => $"{Repository.Name(f)}: {l.Trim()}")));

    [Fact]
    public void Wire_has_no_socket_and_no_clock() =>
        Assert.Empty(Repository.Code("src/Oops.Wire").SelectMany(f => File.ReadLines(f).Where(l => Socketed().IsMatch(Uncommented(l))).Select(l => $"{Repository.Name(f)}: {l.Trim()}")));

    [Fact]
    public void Nothing_is_left_to_do_in_the_code() =>
        Assert.Empty(Repository.Code("src").SelectMany(f => File.ReadLines(f).Where(l => Leftover().IsMatch(l)).Select(l => $"{Repository.Name(f)}: {l.Trim()}")));

    [Fact]
    public void Every_native_call_is_in_one_folder() =>
        Assert.Empty(Repository.Code("src").Where(f => !f.Contains("/Native/", StringComparison.Ordinal) && File.ReadAllText(f).Contains("[LibraryImport", StringComparison.Ordinal)).Select(Repository.Name));

    [Fact]
    public void The_journal_and_the_native_calls_know_nothing_of_the_engine() =>
        Assert.Empty(Repository.Code("src/Oops").Where(f => (f.Contains("/Oops/Journal/", StringComparison.Ordinal) || f.Contains("/Oops/Native/", StringComparison.Ordinal)) && File.ReadLines(f).Any(l => OfEngine().IsMatch(Uncommented(l)))).Select(Repository.Name));

    [Fact]
    public void Nothing_waits_without_a_clock_or_blocks_on_a_task() =>
        Assert.Empty(Repository.Code("src").SelectMany(f => File.ReadLines(f).Where(l => Blocking().IsMatch(Uncommented(l))).Select(l => $"{Repository.Name(f)}: {l.Trim()}")));

    static string Uncommented(string line) => line.TrimStart().StartsWith("//", StringComparison.Ordinal) ? "" : line;

    [GeneratedRegex(@"\b(Stopwatch|Task|Thread|Random|UtcNow|TimeProvider|File|Socket)\b|\block\s*\(")]
    private static partial Regex Impure();

    [GeneratedRegex(@"\b(Socket|TimeProvider|UtcNow|ILogger)\b")]
    private static partial Regex Socketed();

    [GeneratedRegex(@"\bOops\.Engine\b|\bEngine\.")]
    private static partial Regex OfEngine();

    [GeneratedRegex(@"NotImplementedException|TODO|FIXME|HACK")]
    private static partial Regex Leftover();

    [GeneratedRegex(@"Thread\.Sleep|async void|\.GetAwaiter\(\)\.GetResult\(\)")]
    private static partial Regex Blocking();
}
