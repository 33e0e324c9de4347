using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;

namespace Oops.Commands;

/// <summary>`oops version`.</summary>
internal static class VersionCommand
{
    public static string Version { get; } = (Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+')[0];

    public static Command New() => new Command("version", "Prints the version.").Does((_, _) => Task.FromResult(Print()));

    /// <summary>`oops --version` says the same.</summary>
    public sealed class Option : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult) => Print();
    }

    static int Print()
    {
        Terminal.Line($"oops {Version}, .NET {Environment.Version}, SQLite {Sqlite()}");
        return Verb.Done;
    }

    static string Sqlite() => Native.NativeLibraries.TryLoad(Native.NativeLibraries.Sqlite, out _)
        ? $"{Native.SqliteDatabase.Version / 1_000_000}.{Native.SqliteDatabase.Version / 1000 % 1000}.{Native.SqliteDatabase.Version % 1000}"
        : "missing";
}
