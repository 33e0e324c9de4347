namespace Oops.Routers;

/// <summary>What an adapter says of the routes that outlive its actions.</summary>
/// <param name="Word">Of the adapter: its key in `actions`.</param>
/// <param name="Ending">Of the names of its ledgers, which begin with its word and the action's name.</param>
/// <param name="Stands">What the router does because of one that nobody keeps: the second half of a sentence.</param>
/// <param name="Undo">How a person takes that away without an action for it: another half.</param>
internal sealed record RouterKind(string Word, string Ending, Func<Stray, string> Stands, Func<Stray, string> Undo)
{
    /// <summary>Ledgers that a glob takes in and that a router cannot have together.</summary>
    public Func<string, IReadOnlyList<string>> Doubles { get; init; } = _ => [];

    /// <summary>The router has it in its memory alone, and its ledgers are ours alone.</summary>
    public bool IsInMemory { get; init; }

    /// <summary>That of a router with the routes in its memory alone.</summary>
    /// <param name="word">Of the adapter.</param>
    /// <param name="router">The router's name.</param>
    /// <param name="undo">What takes one prefix away there.</param>
    public static RouterKind InMemory(string word, string router, string undo) => new(word, ".routes",
        stray => $"and {router}{(stray.Router.Length == 0 ? "" : $" at {stray.Router}")} was told to announce {stray.Prefixes}, which it does until it is restarted",
        stray => $"a route via an action at that router takes it over, and `oops release PREFIX` then takes each other prefix away; without one {undo} does, and `rm {stray.Path}` once they are gone")
    { IsInMemory = true };
}
