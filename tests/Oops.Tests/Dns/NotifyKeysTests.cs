using Oops.Dns;
using Oops.Tests.Engine;
using Oops.Tests.Native;
using Oops.Wire.Dns;
using Xunit;

namespace Oops.Tests.Dns;

public sealed class NotifyKeysTests
{
    [Fact]
    public async Task A_key_file_is_waited_for_and_each_reason_is_told_once()
    {
        using var folder = new TemporaryFolder();
        var (time, path, stop) = (new FakeTime(), folder.File("keys.conf"), TestContext.Current.CancellationToken);
        List<string> told = [];
        var waiting = NotifyKeys.WhenReadAsync(path, [], [DnsName.TryParse("ours", out var ours) ? ours : null], TimeSpan.FromSeconds(5), told.Add, time, stop);
        for (var i = 0; i < 3; i++) await AgainAsync();
        Assert.Contains("keys.conf", Assert.Single(told), StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, "key \"other\" { algorithm hmac-sha256; secret \"AAAA\"; };\n", stop);
        await AgainAsync();
        Assert.Equal($"{path}: there is no key ours", told[1]);
        await File.WriteAllTextAsync(path, "key \"ours\" { algorithm hmac-sha256; secret \"AAAA\"; };\n", stop);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Single(await waiting);

        // A wait begins when the file was read once more.
        async Task AgainAsync()
        {
            while (time.Timers == 0) await Task.Delay(1, stop);
            time.Advance(TimeSpan.FromSeconds(5));
            while (time.Timers == 0) await Task.Delay(1, stop);
        }
    }
}
