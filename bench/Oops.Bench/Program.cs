using Oops.Bench.Latency;

return args switch
{
    ["latency", .. var rest] => await LatencyBench.RunAsync(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Oops.Bench latency [ROUNDS] [--floor]");
    return 2;
}
