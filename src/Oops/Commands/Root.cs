using System.CommandLine;

namespace Oops.Commands;

/// <summary>The verbs.</summary>
internal static class Root
{
    public static RootCommand New()
    {
        var root = Verbs();
        root.Options.OfType<VersionOption>().Single().Action = new VersionCommand.Option();
        return root;
    }

    static RootCommand Verbs() => new("Turns what happens inside DNS servers into actions outside: BGP routes, commands.")
    {
        RunCommand.New(), CheckCommand.New(), DoctorCommand.New(), StatusCommand.New(), ZonesCommand.New(), ExplainCommand.New(), HistoryCommand.New(), WatchCommand.New(), ReportsCommand.New(), KeysCommand.New(), VerifyCommand.New(), SyncCommand.New(), TransferCommand.New(), NotifyCommand.New(),
        SignalCommand.New(), OverrideCommand.New(), DrainCommand.New(), RouteVerbs.Undrain(), HoldCommand.New(), UnholdCommand.New(), RouteVerbs.Confirm(),
        ReleaseCommand.New(), ReloadCommand.New(), ReplayCommand.New(), ObservedCommand.New(), SimulateCommand.New(), ImportCommand.New(), SampleCommand.New(), SchemaCommand.New(), ExabgpRelayCommand.New(), VersionCommand.New(), HelpCommand.New(),
    };
}
