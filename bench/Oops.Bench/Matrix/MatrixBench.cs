using System.Globalization;
using Oops.Lab.Matrix;

namespace Oops.Bench.Matrix;

/// <summary>Provokes each condition of each server, and keeps what was seen: `docs/reference/matrix/SERVER.jsonl`, from which the page is made.</summary>
internal static class MatrixBench
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var repository = Oops.Lab.Harness.Lab.Repository ?? throw new InvalidOperationException("not in the repository");
        if (arguments is ["page"]) return await WritePageAsync(repository);
        string? only = null;
        var turns = 5;
        var anew = false;
        List<string> servers = [];
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--only" && i + 1 < arguments.Length) only = arguments[++i];
            else if (arguments[i] == "--turns" && i + 1 < arguments.Length) turns = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
            else if (arguments[i] == "--anew") anew = true;
            else if (Columns.All.Any(c => c.Id == arguments[i])) servers.Add(arguments[i]);
            else return Usage(arguments[i]);
        }

        var failed = 0;
        foreach (var column in Columns.All.Where(c => servers.Count == 0 || servers.Contains(c.Id)))
        {
            if (Oops.Lab.Harness.Lab.Missing(column.Needs) is { } missing)
            {
                await Console.Error.WriteLineAsync($"{column.Id}: {missing}");
                failed++;
                continue;
            }

            var results = Results.Of(repository, column.Id);
            foreach (var plan in column.Plans)
            {
                var had = results.Read();
                if (only is not null ? !plan.Rows.Contains(only) : !anew && plan.Rows.All(r => had.TryGetValue(r, out var cell) && cell.Met.Ms.Count >= turns)) continue;
                failed += await PlayAsync(column, plan, turns, results) ? 0 : 1;
            }
        }

        return failed == 0 ? 0 : 1;
    }

    static async Task<bool> PlayAsync(Column column, Plan plan, int turns, Results results)
    {
        try
        {
            var cells = (await Play.RunAsync(column, plan, turns)).Select(p => Cell.Of(p.Key, column.Version(), p.Value)).ToList();
            results.Write(cells);
            foreach (var cell in cells)
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{column.Id}/{cell.Row}: met {cell.Met.Median:0} ms by {string.Join(", ", cell.Met.By)}; ended {cell.Ended?.Median:0} ms by {string.Join(", ", cell.Ended?.By ?? [])}"));
            return true;
        }
        // The other plans are none the worse for it.
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            await Console.Error.WriteLineAsync($"{column.Id}/{string.Join(',', plan.Rows)}: {e.Message}");
            return false;
        }
    }

    /// <summary>The page, and its summary in the README, from what has been measured.</summary>
    static async Task<int> WritePageAsync(string repository)
    {
        await File.WriteAllTextAsync(Path.Combine(repository, MatrixPage.Path), MatrixPage.Write(repository));
        var readme = Path.Combine(repository, "README.md");
        var text = await File.ReadAllTextAsync(readme);
        var (from, to) = (text.IndexOf(MatrixPage.Begin, StringComparison.Ordinal), text.IndexOf(MatrixPage.End, StringComparison.Ordinal));
        if (from < 0 || to < from) throw new InvalidOperationException($"README.md has no {MatrixPage.Begin} and {MatrixPage.End}");
        await File.WriteAllTextAsync(readme, $"{text[..from]}{MatrixPage.Begin}\n{MatrixPage.Summary(repository)}{text[to..]}");
        return 0;
    }

    static int Usage(string wrong)
    {
        Console.Error.WriteLine($"{wrong}: matrix page | matrix [SERVER...] [--only ROW] [--turns 5] [--anew]\nSERVER: {string.Join(", ", Columns.All.Select(c => c.Id))}\nROW: {string.Join(", ", Rows.All.Select(r => r.Id))}");
        return 2;
    }
}
