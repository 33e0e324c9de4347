namespace Oops.Lab.Matrix;

/// <summary>Plays a plan with a server.</summary>
internal static class Play
{
    /// <summary>So many turns of it, by row.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<Turn>>> RunAsync(Column column, Plan plan, int turns)
    {
        var all = plan.Rows.ToDictionary(r => r, _ => new List<Turn>());
        var node = plan.Node?.Invoke(column.Id, plan.Site) ?? column.New(plan.Site);
        await using var stage = new Stage(node, plan.Site);
        await stage.StartAsync();
        await plan.BeforeAsync(stage);
        for (int i = 0; i < turns; i++)
        {
            foreach (var (row, turn) in await plan.TurnAsync(stage))
                all[row].Add(turn);
        }

        return all.ToDictionary(p => p.Key, p => (IReadOnlyList<Turn>)p.Value);
    }
}
