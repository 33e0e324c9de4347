using Oops.Bench;
using Oops.Bench.Dnstap;
using Oops.Bench.Hung;
using Oops.Bench.Idle;
using Oops.Bench.Latency;
using Oops.Bench.Listener;
using Oops.Bench.Matrix;
using Oops.Bench.Notify;
using Oops.Bench.Reports;
using Oops.Bench.Routers;
using Oops.Bench.Simulate;
using Oops.Bench.Sync;
using Oops.Bench.Transfer;
using Oops.Bench.Verify;
using Oops.Bench.Zones;

return args switch
{
    ["latency", .. var rest] => await LatencyBench.RunAsync(rest),
    ["hung", .. var rest] => await HungBench.RunAsync(rest),
    ["idle", .. var rest] => await IdleBench.RunAsync(rest),
    ["notify", .. var rest] => await NotifyBench.RunAsync(rest),
    ["routers", .. var rest] => await RoutersBench.RunAsync(rest),
    ["listener", .. var rest] => await ListenerBench.RunAsync(rest),
    ["listener-serve", .. var rest] => await EchoServer.RunAsync(rest),
    ["reports", .. var rest] => await ReportsBench.RunAsync(rest),
    ["load", .. var rest] => LoadProcess.Run(rest),
    ["zones", .. var rest] => await ZonesBench.RunAsync(rest),
    ["dnstap", .. var rest] => await DnstapBench.RunAsync(rest),
    ["matrix", .. var rest] => await MatrixBench.RunAsync(rest),
    ["machine", .. var rest] => MachineBench.Run(rest),
    ["transfer", .. var rest] => await TransferBench.RunAsync(rest),
    ["verify", .. var rest] => await VerifyBench.RunAsync(rest),
    ["sync", .. var rest] => await SyncBench.RunAsync(rest),
    ["simulate", .. var rest] => SimulateBench.Run(rest),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Oops.Bench hung [ROUNDS] [--minutes N] [--only default,fast,load,flood] [--of knot,nsd,...] | idle [SECONDS] | latency [ROUNDS] [--floor | --probe] | notify [ROUNDS] | dnstap [ROUNDS] | listener [ROUNDS] | reports [ROUNDS [FORGED]] | zones [SECONDS | --million | --verify [HUNDREDS-OF-THOUSANDS]] | routers [ROUNDS] [--only kill,all,idle] [--of bird,frr,...,exabgp-healthcheck] | machine [ROUNDS] | transfer [ROUNDS [RECORDS]] | verify [ROUNDS] [--rsa] | sync [ROUNDS [RRSETS [ZONES]]] | simulate [SECONDS [SITES [SEED]]] | matrix [SERVER...] [--only ROW] [--turns N] [--anew]");
    return 2;
}
