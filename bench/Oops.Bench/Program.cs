using Oops.Bench.Latency;
using Oops.Bench.Notify;

return args switch
{
    ["latency", .. var rest] => await LatencyBench.RunAsync(rest),
    ["notify", .. var rest] => await NotifyBench.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Oops.Bench latency [ROUNDS] [--floor | --probe] | notify [ROUNDS]");
    return 2;
}
