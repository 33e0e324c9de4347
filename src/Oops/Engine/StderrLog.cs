using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Oops.Engine;

/// <summary>
/// The log: lines on standard error, with journald's priority (`&lt;4&gt;`, sd-daemon(3)) where systemd reads them and a time where a person does. A reader that is slow or gone never holds
/// anybody: lines beyond the queue are counted.
/// </summary>
internal sealed class StderrLog : ILogger, IAsyncDisposable
{
    const int Most = 10_000;

    readonly Channel<string> lines = Channel.CreateBounded<string>(new BoundedChannelOptions(Most) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    readonly TextWriter to;
    readonly TimeProvider time;
    readonly LogLevel least;
    readonly bool journald;
    readonly Task writing;
    long lost;

    public StderrLog(TextWriter to, TimeProvider time, LogLevel least, bool journald)
    {
        this.to = to;
        this.time = time;
        this.least = least;
        this.journald = journald;
        writing = Task.Run(WriteAsync);
    }

    /// <summary>Whether standard error is the journal's. JOURNAL_STREAM (`device:inode`, systemd.exec(5)) is inherited by all that a session starts, terminals included, so it counts only if it names this very socket.</summary>
    public static bool ReadByJournald() => IsSocket(Environment.GetEnvironmentVariable("JOURNAL_STREAM"), new FileInfo("/proc/self/fd/2").LinkTarget);

    /// <param name="stream">JOURNAL_STREAM's value.</param>
    /// <param name="target">What /proc shows of a descriptor: `socket:[inode]`.</param>
    internal static bool IsSocket(string? stream, string? target) => stream?.Split(':') is [_, { Length: > 0 } inode] && target == $"socket:[{inode}]";

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= least;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel)) return;
        var text = formatter(state, exception);
        if (exception is not null) text += ": " + exception;
        Line(logLevel, text);
    }

    public void Line(LogLevel level, string text)
    {
        if (!IsEnabled(level)) return;
        var clean = string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++) to[i] = char.IsControl(from[i]) || from[i] is '\u2028' or '\u2029' || char.GetUnicodeCategory(from[i]) == System.Globalization.UnicodeCategory.Format ? ' ' : from[i];
        });
        var line = journald ? $"<{Priority(level)}>{clean}" : $"{time.GetUtcNow().ToLocalTime():HH:mm:ss.fff} {Mark(level)}{clean}";
        if (!lines.Writer.TryWrite(line)) Interlocked.Increment(ref lost);
    }

    public async ValueTask DisposeAsync()
    {
        lines.Writer.TryComplete();
        await writing.ConfigureAwait(false);
    }

    async Task WriteAsync()
    {
        await foreach (var line in lines.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                await to.WriteLineAsync(line).ConfigureAwait(false);
                if (Interlocked.Exchange(ref lost, 0) is > 0 and var n) await to.WriteLineAsync($"{(journald ? "<4>" : "")}{n} lines of the log were lost").ConfigureAwait(false);
            }
            catch (IOException)
            {
                // Nobody reads: the journal keeps what matters.
            }
        }
    }

    static int Priority(LogLevel level) => level switch
    {
        LogLevel.Critical => 2,
        LogLevel.Error => 3,
        LogLevel.Warning => 4,
        LogLevel.Information => 6,
        _ => 7,
    };

    static string Mark(LogLevel level) => level switch
    {
        LogLevel.Critical or LogLevel.Error => "ERROR ",
        LogLevel.Warning => "WARN  ",
        LogLevel.Information => "",
        _ => "debug ",
    };
}
