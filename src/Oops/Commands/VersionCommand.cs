using System.CommandLine;
using System.Reflection;

namespace Oops.Commands;

/// <summary>`oops version`.</summary>
internal static class VersionCommand
{
    public static string Version { get; } = (Assembly.GetExecutingAssembly().GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown").Split('+')[0];

    public static Command New() => new Command("version", "Prints the version.").Does((_, _) =>
    {
        Terminal.Line($"oops {Version}, .NET {Environment.Version}, SQLite {Sqlite()}");
        return Task.FromResult(Verb.Done);
    });

    static string Sqlite() => Native.NativeLibraries.TryLoad(Native.NativeLibraries.Sqlite, out _)
        ? $"{Native.SqliteDatabase.Version / 1_000_000}.{Native.SqliteDatabase.Version / 1000 % 1000}.{Native.SqliteDatabase.Version % 1000}"
        : "missing";
}
