using System.CommandLine;

namespace Oops.Commands;

/// <summary>`oops help [VERB]`: what `--help` shows, for those who type it as a verb.</summary>
internal static class HelpCommand
{
    public static Command New()
    {
        var verb = new Argument<string[]>("verb") { Description = "Of which verb; default: all of them in short." };
        return new Command("help", "What --help shows, of oops or of a verb.") { verb }.Does((parsed, _) => Task.FromResult(Show(parsed.GetValue(verb)!, Console.Out, Console.Error)));
    }

    internal static int Show(string[] words, TextWriter to, TextWriter error)
    {
        var asked = Root.New().Parse([.. words, "--help"]);
        return Mistyped.Told(asked, error) ? Verb.Usage : asked.Invoke(new InvocationConfiguration { Output = to, Error = error });
    }
}
