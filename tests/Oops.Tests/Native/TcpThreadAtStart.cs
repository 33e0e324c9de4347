using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Oops.Native;

namespace Oops.Tests.Native;

/// <summary>As `oops run` does: the thread begins before a test has anything open, which would stay open in its table when the test has closed it, and a test that waits for that end would wait for ever.</summary>
static class TcpThreadAtStart
{
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "nothing else runs before all tests")]
    internal static void Begin() => _ = TcpThread.Instance;
}
