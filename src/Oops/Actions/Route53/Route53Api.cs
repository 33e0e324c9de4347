using System.Globalization;
using Oops.Aws;
using Oops.Config;
using Oops.Engine;
using Oops.Native;
using Oops.Sync;
using Oops.Wire.Dns;

namespace Oops.Actions.Route53;

/// <summary>What the API said.</summary>
/// <param name="Root">Of the answer; null: see why.</param>
/// <param name="Why">In words; terminal-safe.</param>
/// <param name="ForGood">It is so until somebody changes something.</param>
/// <param name="Code">Of the error, as the API has it.</param>
/// <param name="Said">All that it says of the error, as it says it.</param>
internal readonly record struct Route53Reply(Route53Element? Root, string Why = "", bool ForGood = false, string Code = "", string Said = "")
{
    /// <summary>It is the key or what it may do: somebody must put that right.</summary>
    public bool IsKey { get; init; }

    public TimeSpan? After => IsKey ? ISyncTarget.KeyPause : null;
}

/// <summary>What AWS has taken of the time that it is given for several requests: our own turns at the pace are not its doing.</summary>
/// <param name="Most">When that is over the request is cut short; null: never.</param>
internal sealed record Route53Clock(TimeSpan? Most = null)
{
    public TimeSpan Spent { get; set; }

    public TimeSpan Left => Most is not { } most ? Timeout.InfiniteTimeSpan : most > Spent ? most - Spent : TimeSpan.Zero;
}

/// <summary>Signed requests to the API of one account, at the pace that it allows, for all zones of an action. What is refused for a moment is tried again with growing pauses, and no longer than a minute or two.</summary>
internal sealed class Route53Api : IDisposable
{
    public const string NoSuchChange = "NoSuchChange";

    /// <summary>Zones of which names are remembered that were refused, and names of one.</summary>
    const int MostZones = 1000, MostNames = 1000;

    const string ServiceName = "route53", Version = "/2013-04-01/", Busy = "PriorRequestNotComplete";

    /// <summary>Octets of a longest answer: a page has 300 RRsets.</summary>
    const int MostOctets = 32 << 20;

    /// <summary>A burst of requests finds one each: who waits for a connection would count as AWS's silence.</summary>
    const int MostConnections = 64;

    // Longer than from one look whether a change is everywhere to the next.
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(20);

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(2), First = TimeSpan.FromMilliseconds(500), Longest = TimeSpan.FromSeconds(20), Skew = TimeSpan.FromMinutes(4);

    /// <summary>Codes of a request of which something is not taken: which it is is not said in a way that can be relied on.</summary>
    public static readonly string[] Refused = ["InvalidChangeBatch", "InvalidInput"];

    static readonly string[] Forbidden = ["AccessDenied", "AccessDeniedException"];

    static readonly string[] Throttled = ["Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"], Ended = ["ExpiredToken", "ExpiredTokenException"],
        Unsigned = ["SignatureDoesNotMatch", "InvalidSignatureException", "RequestTimeTooSkewed", "RequestExpired", "IncompleteSignature"], Unknown = ["InvalidClientTokenId", "UnrecognizedClientException", "MissingAuthenticationToken"];

    readonly Route53Config config;
    readonly TimeProvider time;
    readonly AwsCredentialChain credentials;
    readonly Route53Pace pace;
    readonly Lately<DnsName, IReadOnlySet<DnsName>> refused = new(MostZones);
    readonly Lock gate = new();
    AwsService? service;
    int users;

    public Route53Api(Route53Config config, AwsSurroundings around, TimeProvider time)
    {
        (this.config, this.time) = (config, time);
        credentials = new(config.Profile, config.Credentials, around, config.Timeout, time);
        pace = new(config, time);
    }

    public TimeSpan InSyncTimeout => config.InSyncTimeout;

    /// <summary>Requests that wait for their turn.</summary>
    public int Waiting => pace.Waiting;

    /// <summary>As hosted zones and changes have it, without `/hostedzone/` before it.</summary>
    public static bool IsId(string id) => id.Length is > 0 and <= 32 && id.All(char.IsAsciiLetterOrDigit);

    /// <summary>Names of a zone at which something was refused, and not been taken since.</summary>
    public IReadOnlySet<DnsName> RefusedOf(in DnsName zone) => refused.Get(zone) ?? new HashSet<DnsName>();

    public void KeepRefused(in DnsName zone, IEnumerable<DnsName> names)
    {
        var kept = names.Take(MostNames).ToHashSet();
        if (kept.Count == 0)
            refused.Remove(zone);
        else
            refused.Set(zone, kept);
    }

    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled, or the time of <paramref name="clock"/> is over.</exception>
    public Task<Route53Reply> GetAsync(string path, IReadOnlyList<(string, string)> query, Route53Clock clock, CancellationToken stop) => AskAsync(new("GET", Version + path, query, [("host", config.Place.Authority)], []), 0, clock, stop);

    /// <param name="path">Below the version.</param>
    /// <param name="body">XML.</param>
    /// <param name="records">That it changes.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="OperationCanceledException"><paramref name="stop"/> was cancelled.</exception>
    public Task<Route53Reply> PostAsync(string path, byte[] body, int records, CancellationToken stop) => AskAsync(new("POST", Version + path, [], [("content-type", "text/xml"), ("host", config.Place.Authority)], body), records, new(), stop);

    /// <summary>Somebody is going to ask, and says when that is over: then, if nobody else is, connections end.</summary>
    public void Enter()
    {
        lock (gate)
            users++;
    }

    public void Leave()
    {
        lock (gate)
        {
            if (--users > 0)
                return;
            service?.Dispose();
            service = null;
        }
    }

    public void Dispose()
    {
        service?.Dispose();
        credentials.Dispose();
        pace.Dispose();
    }

    AwsService Service()
    {
        lock (gate)
            return service ??= new(config.Place, config.Timeout, MostOctets, time, Math.Min(config.Concurrency * config.WaitersPerTurn, MostConnections), Idle);
    }

    async Task<Route53Reply> AskAsync(AwsRequest request, int records, Route53Clock clock, CancellationToken stop)
    {
        // Waiting for our own turn is nothing that AWS has done.
        var before = clock.Spent;
        var (pause, renewed) = (First, false);
        while (true)
        {
            await pace.TakeAsync(records, stop).ConfigureAwait(false);
            var began = time.GetTimestamp();
            using var deadline = new CancellationTokenSource(clock.Left, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, deadline.Token);
            try
            {
                var found = await credentials.GetAsync(either.Token).ConfigureAwait(false);
                if (found.Credentials is not { } by)
                    return new(null, found.Why);
                var (answer, why) = await Service().SendAsync(SigV4.Sign(request, by, config.Region, ServiceName, time.GetUtcNow()), either.Token).ConfigureAwait(false);
                if (answer is { IsOk: true })
                    return Route53Xml.Read(answer.Body) is { } root ? new(root) : new(null, $"{config.Place.Host}: the answer is no XML of the API");
                // What may have been taken is not sent twice: whoever asks looks at what is there first.
                if (answer is null && request.Method != "GET")
                    return new(null, why);
                var (code, message) = answer is null ? ("", why) : Fault(answer);
                // What a file or a role has now may be another key.
                if (!renewed && (Ended.Contains(code) || Unknown.Contains(code) || code == "SignatureDoesNotMatch"))
                {
                    credentials.Forget(by);
                    renewed = true;
                    continue;
                }

                var isThrottled = Throttled.Contains(code) || answer?.Status == 429;
                if (isThrottled)
                    pace.Empty(ofChanges: records > 0);
                if (answer is not null && !isThrottled && code != Busy && answer.Status < 500)
                    return Told(answer, code, message, by);
                var spent = clock.Spent - before + time.GetElapsedTime(began);
                if (spent + pause > (code == Busy ? config.InSyncTimeout : Patience))
                    return new(null, answer is null ? why : $"{(code.Length > 0 ? code : Status(answer))} for {Duration.Format(TimeSpan.FromSeconds(Math.Round(spent.TotalSeconds)))}{Behind(message)}", Code: code);
                // Half of it by chance: who was refused together does not come again together.
                await Task.Delay(pause * (0.5 + (Unpredictable.Fraction() / 2)), time, either.Token).ConfigureAwait(false);
                pause = 2 * pause > Longest ? Longest : 2 * pause;
            }
            finally
            {
                clock.Spent += time.GetElapsedTime(began);
            }
        }
    }

    static (string Code, string Message) Fault(AwsAnswer answer)
    {
        if (Route53Xml.Read(answer.Body) is not { } root)
            return ("", "");
        var code = root.Deep("Code").FirstOrDefault() ?? root.Name;
        return (Shown(code), string.Join("; ", root.Deep("Message")));
    }

    Route53Reply Told(AwsAnswer answer, string code, string message, AwsCredentials by)
    {
        var skew = answer.Date is { } there ? time.GetUtcNow() - there : TimeSpan.Zero;
        if (Unsigned.Contains(code) && skew.Duration() > Skew)
            return new(null, $"this machine's clock is {Duration.Format(TimeSpan.FromSeconds(10 * Math.Round(skew.Duration().TotalSeconds / 10)))} {(skew > TimeSpan.Zero ? "ahead of" : "behind")} that of AWS, which takes no signature of more than 5m off; set it ({code})", Code: code);
        return code switch
        {
            _ when Unsigned.Contains(code) => new(null, $"{code}: the secret key of {by.From} is not that of its key ID, or the region {config.Region} is wrong", Code: code) { IsKey = true },
            _ when Unknown.Contains(code) => new(null, $"{code}: AWS does not know the key of {by.From}", Code: code) { IsKey = true },
            _ when Ended.Contains(code) => new(null, $"{code}: the credentials of {by.From} have ended", Code: code),
            _ when Forbidden.Contains(code) => new(null, $"{code}{Behind(message)}", Code: code) { IsKey = true },
            "" => new(null, $"{config.Place.Host}: {Status(answer)}, and no XML of the API", ForGood: false),
            _ => new(null, $"{code}{Behind(message)}", ForGood: true, code, message),
        };
    }

    static string Status(AwsAnswer answer) => string.Create(CultureInfo.InvariantCulture, $"status {answer.Status}");

    static string Behind(string message) => message.Length > 0 ? $": {Shown(message)}" : "";

    static string Shown(string text) => OutputTail.Printable(text.Length > 500 ? text[..500] + "..." : text);
}
