using Oops.Lab.Demo;
using Xunit;
using Xunit.Runner.InProc.SystemConsole;

// One laboratory, one set of addresses and ports.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

return args is ["demo"] ? await Story.RunAsync() : await ConsoleRunner.Run(args);
