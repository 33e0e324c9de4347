using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Matrix;

/// <summary>The matrix, one turn of each plan that is quick; `make matrix` plays them all, five times each.</summary>
public sealed class MatrixLabTests
{
    public static TheoryData<string, string> Quick()
    {
        var data = new TheoryData<string, string>();
        foreach (var column in Columns.All)
            foreach (var plan in column.Plans.Where(p => p.Quick))
                data.Add(column.Id, string.Join(',', plan.Rows));
        return data;
    }

    [Theory]
    [MemberData(nameof(Quick))]
    public async Task Each_condition_is_met_and_no_longer_met(string server, string rows)
    {
        var column = Columns.Of(server);
        LabRequires.Programs(column.Needs);
        var turns = await Play.RunAsync(column, column.Plans.Single(p => string.Join(',', p.Rows) == rows), 1);
        foreach (var (row, seen) in turns)
            TestContext.Current.TestOutputHelper?.WriteLine($"{row}: {seen[0]}");
        Assert.All(turns.Values, t => Assert.Single(t));
    }
}
