using System.Diagnostics;
using System.Globalization;

namespace Oops.Bench.Listener;

/// <summary>A <see cref="LoadProcess"/> on the first core, and its orders.</summary>
internal sealed class Load : IDisposable
{
    readonly Process process;

    /// <param name="names">File of the names that it asks for, one on each line.</param>
    public Load(string names) => process = Process.Start(new ProcessStartInfo("taskset", ["-c", "0", "dotnet", typeof(Load).Assembly.Location, "load", names]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true })!;

    public LoadResult Udp(int port, TimeSpan span, UdpOrder how) => Result(string.Create(CultureInfo.InvariantCulture, $"udp 127.0.0.1 {port} {span.TotalSeconds} {how}"));

    public LoadResult Tcp(int port, TimeSpan span) => Result(string.Create(CultureInfo.InvariantCulture, $"tcp 127.0.0.1 {port} {span.TotalSeconds}"));

    /// <summary>Connections that say nothing; how many are open.</summary>
    public int Open(int port, int count) => int.Parse(Order(string.Create(CultureInfo.InvariantCulture, $"open 127.0.0.1 {port} {count}")), CultureInfo.InvariantCulture);

    /// <summary>How many of them the server has closed.</summary>
    public int Gone() => int.Parse(Order("gone"), CultureInfo.InvariantCulture);

    public void Close() => Order("close");

    public void Dispose()
    {
        process.StandardInput.Close();
        if (!process.WaitForExit(5000)) process.Kill();
        process.Dispose();
    }

    LoadResult Result(string order)
    {
        var words = Order(order).Split(' ');
        return new(Number(0), (long)Number(1), (long)Number(2), Number(3), Number(4));

        double Number(int i) => double.Parse(words[i], CultureInfo.InvariantCulture);
    }

    string Order(string order)
    {
        process.StandardInput.WriteLine(order);
        process.StandardInput.Flush();
        return process.StandardOutput.ReadLine() ?? throw new InvalidOperationException($"the load ended at: {order}");
    }
}
