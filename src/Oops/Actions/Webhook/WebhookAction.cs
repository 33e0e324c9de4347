using System.Globalization;
using System.Net.Http.Headers;
using Oops.Config;
using Oops.Core;
using Oops.Dns;
using Oops.Engine;
using Oops.Servers;
using Oops.Wire.Dns;
using Oops.Wire.Text;

namespace Oops.Actions.Webhook;

/// <summary>Posts what happened. Once per call: order, limits and retries are its runner's.</summary>
internal sealed class WebhookAction(WebhookConfig config, CloudEvents events) : IAction
{
    // The runner's own bound comes after everything that we do ourselves.
    static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    /// <summary>Who asks for more may have meant another unit.</summary>
    static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>Who does not take our secret is not asked as often as who is only away: that looks like an attack.</summary>
    static readonly TimeSpan SecretWait = TimeSpan.FromMinutes(1);

    TimeProvider time = TimeProvider.System;
    long open = long.MinValue;

    public string Name => config.Name;

    public int Parallel => config.Concurrency;

    public TimeSpan ApplyTimeout => config.Timeout + Slack;

    public Task RunAsync(IEngine engine, CancellationToken stop)
    {
        time = engine.Time;
        return Task.CompletedTask;
    }

    /// <summary>What became of it there cannot be read back.</summary>
    public ValueTask<Input?> ReadAsync(Intent? intent, CancellationToken stop) => ValueTask.FromResult<Input?>(null);

    public async ValueTask<Outcome> ApplyAsync(Intent intent, CancellationToken stop)
    {
        if (intent is not ReactionIntent reaction)
            return new Failed($"{Name} posts events; it carries no routes");
        if (reaction.Zone is { } zone && !DnsName.TryParse(zone, out _))
            return new Failed($"not a zone name: {Oops.Native.OutputTail.Printable(zone)}");
        // Who was asked to wait waits with all that it has to say, not only with what was said.
        if (Volatile.Read(ref open) is var until && until != long.MinValue && time.GetElapsedTime(time.GetTimestamp(), until) is { Ticks: > 0 } left)
            return new Retry($"the receiver asked to wait, for {Duration.Format(Whole(left))} more") { After = left };
        var (url, where, why) = Place();
        if (url is null)
            return new Retry(why);
        var sent = events.Of(reaction);
        var (body, type, headers) = sent.In(config.Mode);
        if (Headers(sent.Id, body, out why) is not { } ours)
            return new Retry(why);
        var judge = url.Scheme == Uri.UriSchemeHttps ? new TlsJudge(WebhookTlsConfig.ProofOf(config.Tls, url.IdnHost)) : null;
        var options = new HttpPeerOptions("webhook", url, where, config.Timeout) { Longest = config.Timeout };
        if (judge is not null)
        {
            var (tls, wrong) = judge.Proof.Open(judge, time.GetUtcNow());
            if (tls is null)
                return new Retry(wrong);
            options = options with { Tls = tls, TlsWords = judge.Words };
        }

        using var peer = new HttpPeer(options, time);
        var answer = new AnswerHead();
        var reply = await peer.SendAsync(new HttpCall(HttpMethod.Post, "") { Body = body, ContentType = type, Headers = [.. headers, .. ours] }, answer.Take, stop).ConfigureAwait(false);
        return Judge(reply, PrintableText.Of([.. answer.Octets]).Trim(), where, reaction.Each);
    }

    /// <summary>Where to, and how it is named: without what may be a secret. Null, and why it is not known.</summary>
    (Uri? Url, string Where, string Why) Place()
    {
        var (text, why) = config.UrlFile is { } file ? SecretFile.Read(file) : (config.Url, "");
        if (text is null)
            return (null, "", why);
        if (!WebhookConfig.TryUrl(text, out var url, out why))
            return (null, "", $"{config.UrlFile}: {why}");
        return (url, url.GetLeftPart(config.UrlFile is null ? UriPartial.Path : UriPartial.Authority), "");
    }

    /// <summary>Those of the config and of the signature; null, and why there are none.</summary>
    List<(string Name, string Value)>? Headers(string id, byte[] body, out string why)
    {
        List<(string, string)> headers = [("User-Agent", "oops")];
        why = "";
        foreach (var header in config.Headers)
        {
            var (secret, problem) = header.File is { } file ? SecretFile.Read(file) : ("", "");
            if (secret is null)
            {
                why = problem;
                return null;
            }

            headers.Add((header.Name, header.Value + secret));
        }

        if (config.Signature is not { } signature)
            return headers;
        var (keys, wrong) = WebhookSignature.Read(signature.Key);
        if (keys is null)
        {
            why = wrong;
            return null;
        }

        headers.AddRange(WebhookSignature.Headers(keys, signature.Header, id, time.GetUtcNow(), body));
        return headers;
    }

    Outcome Judge(HttpReply reply, string said, string where, Each each)
    {
        if (reply.Status == 0)
            return new Retry(reply.Result.Why!);
        var told = string.Create(CultureInfo.InvariantCulture, $"{reply.Status}{(said.Length > 0 ? ": " : "")}{said}");
        switch (reply.Status)
        {
            // What came behind the status, or did not, takes nothing back.
            case >= 200 and < 300:
                return new Done(told);
            case >= 300 and < 400:
                return new Failed($"{where} answered {reply.Status}: no redirect is followed; write the URL that it leads to");
            case 410:
                return new Failed($"{where} answered {told}: it is gone for good; remove this action, or write another URL");
            case 408 or 425 or 429 or >= 500 and not 501 and not 505:
                return new Retry($"{where} answered {told}") { After = Wait(reply.RetryAfter) };
            // While a secret takes the place of another none of the events that must not be lost is.
            case 401 or 403 when each == Each.Every:
                return new Retry($"{where} answered {told}") { After = Wait(reply.RetryAfter) is { } asked && asked > SecretWait ? asked : SecretWait };
            default:
                return new Failed($"{where} answered {told}");
        }
    }

    /// <summary>How long the receiver wants not to be asked; null: it does not say.</summary>
    TimeSpan? Wait(RetryConditionHeaderValue? after)
    {
        var wait = after?.Delta ?? (after?.Date is { } date ? date - time.GetUtcNow() : null);
        if (wait is not { Ticks: > 0 } asked)
            return null;
        asked = asked < LongestWait ? asked : LongestWait;
        Volatile.Write(ref open, time.GetTimestamp() + (long)(asked.TotalSeconds * time.TimestampFrequency));
        return asked;
    }

    static TimeSpan Whole(TimeSpan span) => TimeSpan.FromSeconds(Math.Ceiling(span.TotalSeconds));
}
