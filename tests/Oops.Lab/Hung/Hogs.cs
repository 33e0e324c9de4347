using Oops.Lab.Harness;

namespace Oops.Lab.Hung;

/// <summary>Processes that want all the CPU that there is.</summary>
internal sealed class Hogs : IAsyncDisposable
{
    readonly List<LabProcess> hogs = [];

    public Hogs(int count)
    {
        string folder = Oops.Lab.Harness.Lab.FreshDirectory("hogs");
        for (int i = 0; i < count; i++)
            hogs.Add(LabProcess.Start(Path.Combine(folder, "output"), "sh", "-c", "while :; do :; done"));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var hog in hogs)
        {
            hog.Signal(LabProcess.KillNow);
            await hog.DisposeAsync();
        }
    }
}
