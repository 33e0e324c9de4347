using System.CommandLine;
using Oops.Commands;
using Oops.Native;

var parsed = Root.New().Parse(args);
if (Mistyped.Told(parsed, Console.Error)) return Verb.Usage;

// The daemon takes its signals itself; for the other verbs Ctrl-C cancels.
var runs = parsed.CommandResult.Command.Name == "run";
if (runs) LeanMemory.BeginWithIt();
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = runs ? null : TimeSpan.FromSeconds(2) }).ConfigureAwait(false);
