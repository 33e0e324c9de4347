using Oops.Bench;
using Oops.Bench.Dnstap;
using Oops.Bench.Idle;
using Oops.Bench.Latency;
using Oops.Bench.Notify;

return args switch
{
    ["latency", .. var rest] => await LatencyBench.RunAsync(rest),
    ["idle", .. var rest] => await IdleBench.RunAsync(rest),
    ["notify", .. var rest] => await NotifyBench.RunAsync(rest),
    ["dnstap", .. var rest] => await DnstapBench.RunAsync(rest),
    ["machine", .. var rest] => MachineBench.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Oops.Bench idle [SECONDS] | latency [ROUNDS] [--floor | --probe] | notify [ROUNDS] | dnstap [ROUNDS] | machine [ROUNDS]");
    return 2;
}
