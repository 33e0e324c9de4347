using System.CommandLine;
using Oops.Import;

namespace Oops.Commands;

/// <summary>`oops import TOOL ...`: a config that does what another tool did.</summary>
internal static class ImportCommand
{
    public static Command New()
    {
        var folder = new Argument<string>("dir") { Description = "Its folder of checks, such as /etc/anycast-healthchecker.d." };
        var daemon = new Option<string>("--daemon") { Description = "Its own file, for what is in [DEFAULT] there.", DefaultValueFactory = _ => AnycastHealthchecker.DaemonFile };
        var healthchecker = new Command("anycast-healthchecker", "From anycast-healthchecker 0.9: *.conf of its folder.") { folder, daemon }
            .Does((parsed, _) => Task.FromResult(Print(AnycastHealthchecker.Read(parsed.GetValue(folder)!, parsed.GetValue(daemon)!))));

        var arguments = new Argument<string[]>("arguments") { Description = "The file of its --config; or, after --, its arguments as they stand in exabgp.conf.", Arity = ArgumentArity.OneOrMore };
        var exabgp = new Command("exabgp-healthcheck", "From `exabgp healthcheck` 4.2: its file, or its arguments.") { arguments }
            .Does((parsed, _) => Task.FromResult(Print(parsed.GetValue(arguments)! is [var file] && !file.StartsWith('-') ? ExabgpHealthcheck.ReadFile(file) : ExabgpHealthcheck.Read(parsed.GetValue(arguments)!))));

        var words = new Argument<string[]>("arguments") { Description = "A file that starts it (a script, a systemd unit); or, after --, its arguments: [options] command zone...", Arity = ArgumentArity.OneOrMore };
        var started = new Option<string?>("--folder") { Description = "The folder that it was started in, where its command runs." };
        var notifyd = new Command("nsnotifyd", "From nsnotifyd 2.0: its arguments, or a file that starts it.") { words, started }
            .Does((parsed, _) => Task.FromResult(Print(parsed.GetValue(words)! is [var file] && !file.StartsWith('-') ? NsnotifydFile.Read(file) : Nsnotifyd.Read(parsed.GetValue(words)!), parsed.GetValue(started))));
        var file = new Argument<string>("file") { Description = "Its config.json; that in its folder config goes before the other." };
        var route53 = new Command("dnsnotify2route53", "From dnsnotify2route53: its config.json.") { file }
            .Does((parsed, _) =>
            {
                List<string> errors = [];
                return Task.FromResult(Print(DnsNotify2Route53.Read(parsed.GetValue(file)!, errors), errors));
            });
        return new Command("import", "Prints a config that does what another tool did, with comments for what differs.") { healthchecker, exabgp, notifyd, route53 };
    }

    static int Print(ImportedNotifyd imported, string? folder)
    {
        if (folder is not null && !Path.IsPathFullyQualified(folder)) imported.Errors.Add($"--folder {folder}: write the whole path");
        return Print(imported.Errors.Count > 0 ? null : NsnotifydWriter.Write(imported, folder), imported.Errors);
    }

    static int Print(Imported imported) => Print(imported.Errors.Count > 0 ? null : ImportWriter.Write(imported), imported.Errors);

    static int Print(string? config, List<string> errors)
    {
        foreach (var error in errors) Terminal.Error(error);
        if (config is null) return Verb.Usage;
        Console.Out.Write(config);
        return Verb.Done;
    }
}
