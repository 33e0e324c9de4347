using System.Globalization;

namespace Oops.Bench.Routers;

/// <summary>
/// The routers side by side: from the crash of the server to the withdraw at the upstream, beside the checkers that others use; what the speaker costs while idle; and how long it takes to withdraw ten thousand prefixes.
/// </summary>
internal static class RoutersBench
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = 12;
        string[] parts = ["kill", "all", "idle"];
        IReadOnlyList<string> kinds = LocalRouter.Kinds;
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--only" && i + 1 < arguments.Length) parts = arguments[++i].Split(',');
            else if (arguments[i] == "--of" && i + 1 < arguments.Length) kinds = arguments[++i].Split(',');
            else rounds = int.Parse(arguments[i], CultureInfo.InvariantCulture);
        }

        if (BenchRig.Missing([.. kinds.SelectMany(LocalRouter.Programs)]) is { } missing)
        {
            await Console.Error.WriteLineAsync(missing);
            return 77;
        }

        if (parts.Contains("kill")) await KillToWithdraw.RunAsync(rounds, await Subjects.OfAsync(kinds));
        if (parts.Contains("all")) await WithdrawAll.RunAsync(Math.Max(1, rounds / 4), [.. kinds.Intersect(LocalRouter.Kinds)]);
        if (parts.Contains("idle")) await SpeakerIdle.RunAsync(TimeSpan.FromSeconds(60));
        return 0;
    }
}
