using Xunit;
using Xunit.Runner.InProc.SystemConsole;

// One laboratory, one set of addresses and ports.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

return await ConsoleRunner.Run(args);
