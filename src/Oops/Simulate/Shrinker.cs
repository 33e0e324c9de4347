namespace Oops.Simulate;

/// <summary>A scenario that shows the same with fewer lines: halves, then smaller pieces are left out for as long as the same rule is broken.</summary>
internal static class Shrinker
{
    const int MostTries = 3000;

    public static string Shrink(Violation violation)
    {
        var lines = violation.Scenario.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToList();
        // What chance has in it shows by no single scenario.
        var tries = violation.Rule == Simulation.Differs ? MostTries : 0;
        for (var piece = lines.Count / 2; piece > 0 && tries < MostTries; piece = piece == 1 && tries < MostTries && Pass(lines, 1, violation.Rule, ref tries) ? 1 : piece / 2)
            if (piece > 1) Pass(lines, piece, violation.Rule, ref tries);
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>True if something could be left out.</summary>
    static bool Pass(List<string> lines, int piece, string rule, ref int tries)
    {
        var less = false;
        for (var at = lines.Count - piece; at >= 0 && tries < MostTries; at -= piece)
        {
            if (at + piece > lines.Count) continue;
            tries++;
            var fewer = lines.ToList();
            fewer.RemoveRange(at, piece);
            if (!Shows(fewer, rule)) continue;
            lines.RemoveRange(at, piece);
            less = true;
        }
        return less;
    }

    static bool Shows(List<string> lines, string rule)
    {
        try
        {
            return Schedule.Check("shrunk.scn", string.Join('\n', lines))?.Rule == rule;
        }
        catch (ScenarioException)
        {
            return false;
        }
    }
}
