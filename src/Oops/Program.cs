using System.CommandLine;
using Oops.Commands;

var parsed = Root.New().Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) Terminal.Error(error.Message);
    Terminal.Error(Verb.SeeHelp(parsed));
    return Verb.Usage;
}

// The daemon takes its signals itself; for the other verbs Ctrl-C cancels.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = parsed.CommandResult.Command.Name == "run" ? null : TimeSpan.FromSeconds(2) }).ConfigureAwait(false);
