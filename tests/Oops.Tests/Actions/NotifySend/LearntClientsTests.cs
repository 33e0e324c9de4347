using System.Net;
using System.Text;
using Oops.Actions.NotifySend;
using Oops.Engine;
using Oops.Tests.Sources.Notify;
using Xunit;

namespace Oops.Tests.Actions.NotifySend;

public sealed class LearntClientsTests
{
    static readonly IPAddress A = IPAddress.Parse("192.0.2.1"), B = IPAddress.Parse("2001:db8::2"), C = IPAddress.Parse("192.0.2.3");

    readonly SteppedTime time = new();

    public LearntClientsTests() => time.Step(TimeSpan.FromSeconds(1_795_132_800));

    LearntClients New(int most = 10) => new(TimeSpan.FromDays(8), most, time);

    static TransferSeen Seen(IPAddress client, string zone = "example", bool refused = false) => new(zone, client, refused);

    [Fact]
    public void Who_transferred_a_zone_is_known_until_it_did_not_for_long()
    {
        var clients = New();
        clients.Take(Seen(A));
        clients.Take(Seen(C.MapToIPv6(), "other"));
        time.Step(TimeSpan.FromDays(7));
        clients.Take(Seen(B));
        Assert.Equal([A, B], clients.Of("example"));
        Assert.Equal([C], clients.Of("other"));
        time.Step(TimeSpan.FromDays(2));
        Assert.Equal([B], clients.Of("example"));
        Assert.Equal(1, clients.Count);
    }

    [Fact]
    public void Who_is_refused_is_forgotten()
    {
        var clients = New();
        clients.Take(Seen(A));
        clients.Take(Seen(A, refused: true));
        clients.Take(Seen(B, refused: true));
        Assert.Empty(clients.Of("example"));
    }

    [Fact]
    public void Beyond_the_most_who_was_seen_longest_ago_makes_room()
    {
        var clients = New(most: 2);
        clients.Take(Seen(A));
        clients.Take(Seen(B));
        clients.Take(Seen(A));
        clients.Take(Seen(C));
        // For a moment it may still be refused.
        Assert.Equal([B, A], clients.Of("example"));
        time.Step(TimeSpan.FromSeconds(10));
        Assert.Equal([A, C], clients.Of("example"));
        Assert.True(clients.TakeChanged());
    }

    [Fact]
    public void Strangers_who_are_refused_drive_nobody_out_of_a_full_table()
    {
        var clients = New(most: 2);
        clients.Take(Seen(A));
        clients.Take(Seen(B));
        for (var i = 0; i < 5000; i++)
        {
            var stranger = new IPAddress(0x0A000000 + i);
            clients.Take(Seen(stranger));
            if (i % 2 == 0)
                clients.Take(Seen(stranger, refused: true));
        }

        for (var i = 0; i < 5000; i++)
            clients.Take(Seen(new IPAddress(0x0A000000 + i), refused: true));
        time.Step(TimeSpan.FromMinutes(1));
        Assert.Equal([A, B], clients.Of("example"));
    }

    [Fact]
    public void Of_a_zone_the_last_that_were_seen_are_told_in_their_order()
    {
        var clients = New(most: 3000);
        for (var i = 0; i < 1500; i++)
            clients.Take(Seen(new IPAddress(0x0A000000 + i), i % 3 == 0 ? "other" : "example"));
        clients.Take(Seen(new IPAddress(0x0A000001)));
        Assert.Equal([.. Enumerable.Range(2, 1498).Where(static i => i % 3 != 0).Append(1).Select(static i => new IPAddress(0x0A000000 + i))], clients.Of("example"));
        for (var i = 0; i < 1500; i++)
            clients.Take(Seen(new IPAddress(0x0B000000 + i)));
        Assert.Equal([.. Enumerable.Range(500, 1000).Select(static i => new IPAddress(0x0B000000 + i))], clients.Of("example"));
    }

    [Fact]
    public void What_could_not_be_written_is_still_to_be_written()
    {
        var clients = New();
        clients.Take(Seen(A));
        Assert.True(clients.TakeChanged());
        clients.NotWritten();
        Assert.True(clients.TakeChanged());
    }

    [Fact]
    public void A_flood_of_zones_and_clients_stays_within_the_most()
    {
        var clients = New(most: 100);
        for (var i = 0; i < 10_000; i++)
            clients.Take(Seen(new IPAddress(i), $"z{i % 300}"));
        Assert.Equal(100, clients.Count);
    }

    [Fact]
    public void What_is_written_is_read_back_and_what_is_no_such_line_or_too_old_or_from_the_future_is_not()
    {
        var clients = New();
        clients.Take(Seen(A, @"a\032b"));
        time.Step(TimeSpan.FromDays(1));
        clients.Take(Seen(B));
        var text = Encoding.ASCII.GetString(clients.Write());
        Assert.Equal("a\\032b 192.0.2.1 1795132800\nexample 2001:db8::2 1795219200\n", text);
        time.Step(TimeSpan.FromDays(6));
        var again = New();
        using (var file = new MemoryStream(Encoding.ASCII.GetBytes($"nonsense\nexample 192.0.2.9 1795132799\nexample x 1795219200\nexample 192.0.2.3 9999999999999\n..x 192.0.2.3 1795219200\n{text}")))
            again.Read(file);
        Assert.Equal([A], again.Of(@"a\032b"));
        time.Step(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        Assert.Equal([B], again.Of("example"));
        Assert.Empty(again.Of(@"a\032b"));
    }

    [Fact]
    public void A_new_face_is_worth_writing_and_one_that_comes_each_hour_only_now_and_then()
    {
        var clients = New();
        Assert.False(clients.TakeChanged());
        clients.Take(Seen(A));
        Assert.True(clients.TakeChanged());
        time.Step(TimeSpan.FromHours(1));
        clients.Take(Seen(A));
        Assert.False(clients.TakeChanged());
        time.Step(TimeSpan.FromHours(13));
        clients.Take(Seen(A));
        Assert.True(clients.TakeChanged());
        clients.Take(Seen(B, refused: true));
        Assert.False(clients.TakeChanged());
    }

    [Fact]
    public void Who_waits_and_comes_again_when_there_is_room_is_known_once_and_forgotten_in_time()
    {
        var clients = New(most: 2);
        clients.Take(Seen(A));
        clients.Take(Seen(B));
        clients.Take(Seen(C));
        clients.Take(Seen(A, refused: true));
        clients.Take(Seen(C));
        time.Step(TimeSpan.FromSeconds(11));
        Assert.Equal([B, C], clients.Of("example"));
        clients.Take(Seen(C, refused: true));
        Assert.Equal([B], clients.Of("example"));
        time.Step(TimeSpan.FromDays(9));
        Assert.Equal(0, clients.Count);
    }

    [Fact]
    public void Whoever_comes_in_whatever_order_is_known_once_and_as_long_as_it_should_be()
    {
        for (var seed = 1; seed <= 100; seed++)
        {
            var (random, clients, seen) = (new Random(seed), New(most: 4), new Dictionary<(string, IPAddress), DateTimeOffset>());
            for (var i = 0; i < 400; i++)
            {
                var (zone, client, refused) = (random.Next(2) == 0 ? "example" : "other", new IPAddress(0x0A000000 + random.Next(8)), random.Next(3) == 0);
                clients.Take(Seen(client, zone, refused));
                if (refused)
                    seen.Remove((zone, client));
                else
                    seen[(zone, client)] = time.GetUtcNow();
                time.Step(random.Next(20) == 0 ? TimeSpan.FromDays(random.Next(9)) : TimeSpan.FromSeconds(random.Next(8)));
                var known = ((string[])["example", "other"]).SelectMany(z => clients.Of(z).Select(c => (z, c))).ToList();
                Assert.Equal(known.Distinct(), known);
                Assert.Equal(clients.Count, known.Count);
                Assert.InRange(known.Count, 0, 4);
                Assert.All(known, k => Assert.True(seen[k] >= time.GetUtcNow() - TimeSpan.FromDays(8) - TimeSpan.FromSeconds(10)));
            }

            time.Step(TimeSpan.FromDays(9));
            Assert.Equal(0, clients.Count);
            Assert.Empty(clients.Write());
        }
    }
}
