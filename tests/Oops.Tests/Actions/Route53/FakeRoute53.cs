using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Oops.Tests.Actions.Route53;

/// <summary>
/// A stand-in for the API of Route 53 on 127.0.0.1, as strict as its documentation: signatures by a computation of its own and at most five minutes off, 10 requests a second of the account after 50 at once, 300 RRsets in a page,
/// 1,000 records and 32,000 characters in a request (twice for an UPSERT), so many records that change at once and per second, requests that are taken whole or not at all, one change of a zone at a time.
/// </summary>
internal sealed class FakeRoute53 : IAsyncDisposable
{
    public const string KeyId = "AKIDEXAMPLE", Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    const int Page = 300, ZonePage = 100;

    static readonly XNamespace Xml = "https://route53.amazonaws.com/doc/2013-04-01/";

    readonly HttpListener listener = new();
    readonly ConcurrentDictionary<string, DateTimeOffset> changes = new();
    readonly Lock gate = new();
    readonly Task serving;
    readonly TimeProvider time;
    readonly FakeBucket requests, records;
    int numbers;

    /// <param name="time">Its clock; null: the system's.</param>
    /// <param name="changes">Records that may change per second, 1,000 at once.</param>
    public FakeRoute53(TimeProvider? time = null, double changes = 100_000)
    {
        this.time = time ?? TimeProvider.System;
        (requests, records) = (new(10, 50, this.time), new(changes, 1000, this.time));
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}");
        }

        listener.Prefixes.Add(Address.AbsoluteUri);
        listener.Start();
        serving = ServeAsync();
    }

    public Uri Address { get; }

    public List<FakeHostedZone> Zones { get; } = [];

    /// <summary>What sessions must send; null: nothing.</summary>
    public string? Token { get; set; }

    /// <summary>Its clock, by how much it is off.</summary>
    public TimeSpan Off { get; set; }

    /// <summary>How long a change takes until all servers have it. So long no other is taken for the zone.</summary>
    public TimeSpan Settles { get; set; }

    /// <summary>False: any number of requests.</summary>
    public bool Paced { get; set; } = true;

    /// <summary>Answers in its place, if it does not say null: status and body.</summary>
    public Func<string, (int Status, string Body)?> Instead { get; set; } = _ => null;

    /// <summary>`GET /2013-04-01/...`, in their order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>The requests that were taken: `DELETE www.example. A`.</summary>
    public ConcurrentQueue<List<string>> Taken { get; } = new();

    /// <summary>Requests that were refused, by their code.</summary>
    public ConcurrentQueue<string> Refused { get; } = new();

    DateTimeOffset Now => time.GetUtcNow() + Off;

    public FakeHostedZone Add(string name, bool isPrivate = false, string? id = null)
    {
        var zone = new FakeHostedZone(id ?? string.Create(CultureInfo.InvariantCulture, $"Z{++numbers:D6}EXAMPLE"), FakeHostedZone.Canonical(name), isPrivate);
        lock (gate)
            Zones.Add(zone);
        return zone;
    }

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await serving;
    }

    async Task ServeAsync()
    {
        List<Task> open = [];
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                open.Add(Task.Run(() => AnswerAsync(context)));
                open.RemoveAll(t => t.IsCompletedSuccessfully);
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            var asked = $"{context.Request.HttpMethod} {context.Request.RawUrl}";
            Asked.Enqueue(asked);
            var (status, text) = Instead(asked) ?? Judge(context.Request, body.ToArray());
            context.Response.StatusCode = status;
            context.Response.Headers["Date"] = Now.UtcDateTime.ToString("R", CultureInfo.InvariantCulture);
            var answer = Encoding.UTF8.GetBytes(text);
            // In one piece: the end of one of unknown length would wait for the acknowledgement of what was before.
            context.Response.ContentLength64 = answer.Length;
            await context.Response.OutputStream.WriteAsync(answer);
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            // Who asked is gone.
        }
    }

    (int, string) Judge(HttpListenerRequest request, byte[] body)
    {
        lock (gate)
        {
            if (Unsigned(request, body) is { } unsigned)
                return unsigned;
            if (Paced && !requests.Take(1))
                return Error(400, "Throttling", "Rate exceeded");
            var path = request.Url!.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
            return (request.HttpMethod, path) switch
            {
                ("GET", ["2013-04-01", "hostedzonesbyname"]) => ListZones(request),
                ("GET", ["2013-04-01", "hostedzone", var id]) when Find(id) is { } zone => (200, Doc("GetHostedZoneResponse", Hosted(zone))),
                ("GET", ["2013-04-01", "hostedzone", var id, "rrset"]) when Find(id) is { } zone => ListSets(zone, request),
                ("POST", ["2013-04-01", "hostedzone", var id, "rrset"]) when Find(id) is { } zone => Change(zone, body),
                ("GET", ["2013-04-01", "change", var id]) when changes.TryGetValue(id, out var at) => (200, Doc("GetChangeResponse", Info(id, at))),
                (_, [_, "change", ..]) => Error(404, "NoSuchChange", "Could not find resource with ID"),
                _ => Error(404, "NoSuchHostedZone", "No hosted zone found with ID"),
            };
        }
    }

    FakeHostedZone? Find(string id) => Zones.Find(z => z.Id == id);

    /// <summary>From the words on the wire alone.</summary>
    (int, string)? Unsigned(HttpListenerRequest request, byte[] body)
    {
        var (date, authorization) = (request.Headers["x-amz-date"], request.Headers["Authorization"]);
        if (date is null || authorization is null)
            return Error(403, "MissingAuthenticationToken", "Missing Authentication Token");
        if (Token is not null && request.Headers["x-amz-security-token"] != Token)
            return Error(403, "ExpiredToken", "The security token included in the request is expired");
        var parts = authorization["AWS4-HMAC-SHA256 ".Length..].Split(", ").Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        var scope = parts["Credential"].Split('/', 2);
        if (scope[0] != KeyId)
            return Error(403, "InvalidClientTokenId", "The security token included in the request is invalid.");
        var at = DateTimeOffset.ParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        if ((Now - at).Duration() > TimeSpan.FromMinutes(5))
            return Error(403, "SignatureDoesNotMatch", $"Signature expired: {date} is now earlier than ...");
        var target = request.RawUrl!.Split('?', 2);
        var names = parts["SignedHeaders"].Split(';');
        if (!names.Contains("host") || !names.Contains("x-amz-date") || (Token is not null && !names.Contains("x-amz-security-token")))
            return Error(403, "IncompleteSignature", "");
        var query = target.Length == 1 ? "" : string.Join('&', target[1].Split('&').OrderBy(q => q, StringComparer.Ordinal));
        var canonical = $"{request.HttpMethod}\n{target[0]}\n{query}\n{string.Concat(names.Select(n => $"{n}:{request.Headers[n]}\n"))}\n{parts["SignedHeaders"]}\n{Hex(SHA256.HashData(body))}";
        var key = Encoding.ASCII.GetBytes("AWS4" + Secret);
        foreach (var word in new[] { date[..8], "us-east-1", "route53", "aws4_request" })
        {
            using var mac = new HMACSHA256(key);
            key = mac.ComputeHash(Encoding.ASCII.GetBytes(word));
        }

        using var last = new HMACSHA256(key);
        var signature = Hex(last.ComputeHash(Encoding.ASCII.GetBytes($"AWS4-HMAC-SHA256\n{date}\n{date[..8]}/us-east-1/route53/aws4_request\n{Hex(SHA256.HashData(Encoding.ASCII.GetBytes(canonical)))}")));
        return signature == parts["Signature"] ? null : Error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided.");

        static string Hex(byte[] octets) => string.Concat(octets.Select(o => o.ToString("x2", CultureInfo.InvariantCulture)));
    }

    (int, string) ListZones(HttpListenerRequest request)
    {
        var from = FakeHostedZone.Order(FakeHostedZone.Canonical(request.QueryString["dnsname"] ?? "."));
        var fromId = request.QueryString["hostedzoneid"] ?? "";
        var all = Zones.Where(z => string.CompareOrdinal(z.Place, from) is > 0 || (z.Place == from && string.CompareOrdinal(z.Id, fromId) >= 0))
            .OrderBy(z => z.Place, StringComparer.Ordinal).ThenBy(z => z.Id, StringComparer.Ordinal).ToList();
        var size = Math.Min(ZonePage, int.Parse(request.QueryString["maxitems"] ?? "100", CultureInfo.InvariantCulture));
        List<XElement> answer = [new(Xml + "HostedZones", all.Take(size).Select(Hosted)), new(Xml + "IsTruncated", all.Count > size ? "true" : "false")];
        if (all.Count > size)
            answer.AddRange([new(Xml + "NextDNSName", all[size].Name), new(Xml + "NextHostedZoneId", all[size].Id)]);
        return (200, Doc("ListHostedZonesByNameResponse", [.. answer]));
    }

    static XElement Hosted(FakeHostedZone zone) => new(Xml + "HostedZone", new XElement(Xml + "Id", $"/hostedzone/{zone.Id}"), new XElement(Xml + "Name", zone.Name),
        new XElement(Xml + "Config", new XElement(Xml + "PrivateZone", zone.IsPrivate ? "true" : "false")));

    static (int, string) ListSets(FakeHostedZone zone, HttpListenerRequest request)
    {
        var (name, type, id) = (request.QueryString["name"], request.QueryString["type"] ?? "", request.QueryString["identifier"] ?? "");
        var size = Math.Min(Page, int.Parse(request.QueryString["maxitems"] ?? "300", CultureInfo.InvariantCulture));
        var all = zone.Sorted;
        var from = name is null ? "" : FakeSet.KeyOf(FakeHostedZone.Canonical(name), type, id);
        var at = all.FindIndex(s => string.CompareOrdinal(s.Key(), from) >= 0);
        var page = at < 0 ? [] : all.Skip(at).Take(size).ToList();
        List<XElement> answer = [new(Xml + "ResourceRecordSets", page.Select(s => s.Written(Xml)))];
        var next = at < 0 ? null : all.ElementAtOrDefault(at + size);
        answer.Add(new(Xml + "IsTruncated", next is null ? "false" : "true"));
        if (next is not null)
        {
            answer.AddRange([new(Xml + "NextRecordName", next.Name), new(Xml + "NextRecordType", next.Type)]);
            if (next.SetId.Length > 0)
                answer.Add(new(Xml + "NextRecordIdentifier", next.SetId));
        }

        answer.Add(new(Xml + "MaxItems", size));
        return (200, Doc("ListResourceRecordSetsResponse", [.. answer]));
    }

    (int, string) Change(FakeHostedZone zone, byte[] body)
    {
        using var text = new MemoryStream(body);
        var wanted = XDocument.Load(text).Descendants(Xml + "Change").Select(FakeChange.Of).ToList();
        if (Paced && !records.Take(wanted.Sum(static w => w.Records)))
            return Error(400, "Throttling", "Rate exceeded");
        if (zone.Busy > Now)
            return Error(400, "PriorRequestNotComplete", "The request was rejected because Route 53 was still processing a prior request.");
        if (wanted.Exists(w => w.Action != "DELETE" && (w.Set.Values.Any(static v => v.Length > 4000) || w.Set.Values.Length > 400 || zone.Dislikes.Contains(w.Set.Name) || zone.Dislikes.Contains($"{w.Set.Name} {w.Set.Type}"))))
            return Error(400, "InvalidInput", "Value at 'changeBatch' failed to satisfy constraint");
        if (zone.Apply(wanted) is { } why)
            return Error(400, "InvalidChangeBatch", why);
        Taken.Enqueue([.. wanted.Select(w => $"{w.Action} {w.Set.Name} {w.Set.Type}")]);
        var id = string.Create(CultureInfo.InvariantCulture, $"C{++numbers:D8}");
        changes[id] = zone.Busy = Now + Settles;
        return (200, Doc("ChangeResourceRecordSetsResponse", Info(id, zone.Busy)));
    }

    XElement Info(string id, DateTimeOffset at) => new(Xml + "ChangeInfo", new XElement(Xml + "Id", $"/change/{id}"), new XElement(Xml + "Status", at > Now ? "PENDING" : "INSYNC"), new XElement(Xml + "SubmittedAt", "2026-11-28T00:00:00Z"));

    (int, string) Error(int status, string code, string message)
    {
        Refused.Enqueue(code);
        return (status, Doc("ErrorResponse", new XElement(Xml + "Error", new XElement(Xml + "Type", "Sender"), new XElement(Xml + "Code", code), new XElement(Xml + "Message", message)), new XElement(Xml + "RequestId", "1")));
    }

    static string Doc(string name, params XElement[] content) => $"<?xml version=\"1.0\"?>\n{new XElement(Xml + name, content).ToString(SaveOptions.DisableFormatting)}";
}

/// <summary>Tokens that come at a rate, up to so many.</summary>
internal sealed class FakeBucket(double rate, double most, TimeProvider time)
{
    double tokens = double.PositiveInfinity;
    long filled;

    public bool Take(int wanted)
    {
        var now = time.GetTimestamp();
        tokens = Math.Min(most, tokens + (time.GetElapsedTime(filled, now).TotalSeconds * rate));
        filled = now;
        // Sums of fractions are a little off.
        if (tokens + 1e-6 < wanted)
            return false;
        tokens -= wanted;
        return true;
    }
}
