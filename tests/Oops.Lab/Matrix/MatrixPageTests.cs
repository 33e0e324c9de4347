using Oops.Lab.Harness;
using Xunit;

namespace Oops.Lab.Matrix;

/// <summary>The page says what was measured, and nothing is missing in it.</summary>
public sealed class MatrixPageTests
{
    const int Turns = 5;

    static string Repository => Harness.Lab.Repository!;

    [Fact]
    public void The_page_and_the_summary_are_what_the_results_say()
    {
        Assert.Equal(MatrixPage.Write(Repository), File.ReadAllText(Path.Combine(Repository, MatrixPage.Path)));
        string readme = File.ReadAllText(Path.Combine(Repository, "README.md"));
        Assert.Contains($"{MatrixPage.Begin}\n{MatrixPage.Summary(Repository)}{MatrixPage.End}", readme, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_condition_of_each_server_was_met_and_no_longer_met_five_times_or_cannot_be_had_and_why()
    {
        foreach (var column in Columns.All)
        {
            var cells = Results.Of(Repository, column.Id).Read();
            foreach (var row in Rows.All)
            {
                string where = $"{column.Id}/{row.Id}";
                Assert.True(column.Plans.SelectMany(p => p.Rows).Count(r => r == row.Id) + (column.Cannot.ContainsKey(row.Id) ? 1 : 0) == 1, $"{where}: one plan, or a reason");
                if (column.Cannot.ContainsKey(row.Id))
                {
                    Assert.False(cells.ContainsKey(row.Id), $"{where}: it was had");
                    continue;
                }

                Assert.True(cells.TryGetValue(row.Id, out var cell), $"{where}: not measured");
                Assert.True(cell.Met.Ms.Count >= Turns && (row.Ended is null) == (cell.Ended is null) && (cell.Ended is null || cell.Ended.Ms.Count == cell.Met.Ms.Count), $"{where}: {cell}");
            }
        }
    }
}
