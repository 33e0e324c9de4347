namespace Oops.Config;

/// <summary>What holds for every command in a config: a list of program and arguments.</summary>
internal static class CommandRules
{
    public static void Check(IReadOnlyList<string> command, string path, ConfigErrors errors)
    {
        if (command.Count == 0) return;
        var program = command[0];
        if (program.Length == 0 || (program[0] != '/' && program.Contains('/', StringComparison.Ordinal)))
            errors.Add($"{path}[0]", $"{ConfigErrors.Show(program)} is neither an absolute path nor a name; write /usr/local/bin/...");
        else if (program.Contains(' ', StringComparison.Ordinal) && command.Count == 1)
            errors.Add($"{path}[0]", $"{ConfigErrors.Show(program)} looks like a program with arguments; write them as a list: [{string.Join(", ", program.Split(' ', StringSplitOptions.RemoveEmptyEntries).Take(4))}]");
        for (var i = 0; i < command.Count; i++)
            if (command[i].Contains('\0', StringComparison.Ordinal))
                errors.Add($"{path}[{i}]", "there is a NUL in it, which no argument can hold; remove it");
    }

    public static void CheckEnvironment(IReadOnlyList<string> variables, string path, ConfigErrors errors)
    {
        for (var i = 0; i < variables.Count; i++)
        {
            var name = variables[i].Split('=')[0];
            if (name.Length == 0 || name.Length == variables[i].Length || variables[i].Contains('\0', StringComparison.Ordinal))
                errors.Add($"{path}[{i}]", $"{ConfigErrors.Show(variables[i])} is no variable; write NAME=value");
            else if (name.StartsWith("OOPS_", StringComparison.Ordinal))
                errors.Add($"{path}[{i}]", $"{ConfigErrors.Show(name)} is set by oops; use a name that does not begin with OOPS_");
        }
    }
}
