using System.Globalization;
using System.Net;

namespace Oops.Bench.Listener;

/// <summary>
/// `Oops.Bench load NAMES`: the other side of the listener's benches, in a process of its own that can be pinned to a core. Each line of its input is an order, and each line of its output what came of it:
/// `udp ADDRESS PORT SECONDS` and an <see cref="UdpOrder"/>, `tcp ADDRESS PORT SECONDS`, `open ADDRESS PORT COUNT`, `gone`, `close`.
/// </summary>
internal static class LoadProcess
{
    public static int Run(string[] arguments)
    {
        var queries = Queries.Read(arguments[0]);
        TcpLoad? open = null;
        while (Console.ReadLine() is { } line)
        {
            var words = line.Split(' ');
            switch (words[0])
            {
                case "udp":
                    using (var load = new UdpLoad(To(words), queries, UdpOrder.Parse(words[4..])))
                        Say(load.Run(Seconds(words)));
                    break;
                case "tcp":
                    Say(new TcpLoad(To(words), queries).Run(Seconds(words)));
                    break;
                case "open":
                    open ??= new TcpLoad(To(words), queries);
                    Console.WriteLine(open.Open(int.Parse(words[3], CultureInfo.InvariantCulture)));
                    break;
                case "gone":
                    Console.WriteLine(open?.Gone() ?? 0);
                    break;
                case "close":
                    open?.Close();
                    open = null;
                    Console.WriteLine("closed");
                    break;
                default:
                    Console.Error.WriteLine($"no such order: {line}");
                    return 2;
            }
        }

        return 0;
    }

    static IPEndPoint To(string[] words) => new(IPAddress.Parse(words[1]), int.Parse(words[2], CultureInfo.InvariantCulture));

    static TimeSpan Seconds(string[] words) => TimeSpan.FromSeconds(double.Parse(words[3], CultureInfo.InvariantCulture));

    static void Say(LoadResult r) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r.Rate:0.#} {r.Lost} {r.Wrong} {r.Median:0} {r.P99:0}"));
}
