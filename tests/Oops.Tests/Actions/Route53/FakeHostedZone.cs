using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Oops.Tests.Actions.Route53;

/// <summary>An RRset of the stand-in, as texts.</summary>
internal sealed record FakeSet(string Name, string Type, string SetId, long Ttl, string[] Values)
{
    readonly string key = KeyOf(Name, Type, SetId);

    /// <summary>What makes it no plain one, as the API has it: `&lt;Weight&gt;1&lt;/Weight&gt;`.</summary>
    public string More { get; init; } = "";

    public string Key() => key;

    public static string KeyOf(string name, string type, string id) => $"{FakeHostedZone.Order(name)}\u0001{type}\u0001{id}";

    public XElement Written(XNamespace xml)
    {
        var set = new XElement(xml + "ResourceRecordSet", new XElement(xml + "Name", Name), new XElement(xml + "Type", Type));
        if (SetId.Length > 0)
            set.Add(new XElement(xml + "SetIdentifier", SetId));
        if (More.Length > 0)
            set.Add(XElement.Parse($"<a xmlns=\"{xml.NamespaceName}\">{More}</a>").Elements());
        if (Values.Length > 0)
            set.Add(new XElement(xml + "TTL", Ttl), new XElement(xml + "ResourceRecords", Values.Select(v => new XElement(xml + "ResourceRecord", new XElement(xml + "Value", v)))));
        return set;
    }
}

/// <summary>A change that was asked of the stand-in.</summary>
internal sealed record FakeChange(string Action, FakeSet Set)
{
    /// <summary>As the limits count them.</summary>
    public int Records => (Action == "UPSERT" ? 2 : 1) * Set.Values.Length;

    public static FakeChange Of(XElement change)
    {
        var xml = change.Name.Namespace;
        var set = change.Element(xml + "ResourceRecordSet")!;
        return new(change.Element(xml + "Action")!.Value, new FakeSet(FakeHostedZone.Canonical(set.Element(xml + "Name")!.Value), set.Element(xml + "Type")!.Value, "",
            long.Parse(set.Element(xml + "TTL")!.Value, CultureInfo.InvariantCulture), [.. set.Descendants(xml + "Value").Select(v => v.Value)]));
    }
}

/// <summary>A hosted zone of the stand-in, with the rules of the service for changes.</summary>
internal sealed partial class FakeHostedZone
{
    static readonly string[] Types = ["A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB", "TLSA", "TXT"];

    Dictionary<string, FakeSet> sets = [];
    List<FakeSet>? sorted;

    public FakeHostedZone(string id, string name, bool isPrivate)
    {
        (Id, Name, IsPrivate, Place) = (id, name, isPrivate, Order(name));
        Put(name, "NS", 172800, "ns-1.awsdns-00.org.", "ns-2.awsdns-00.co.uk.");
        Put(name, "SOA", 900, "ns-1.awsdns-00.org. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400");
    }

    public string Id { get; }

    public string Name { get; }

    public bool IsPrivate { get; }

    /// <summary>What its name is sorted by.</summary>
    public string Place { get; }

    /// <summary>Names at which nothing is taken, for a reason that only it knows.</summary>
    public HashSet<string> Refuses { get; } = [];

    /// <summary>Names, or names and types, of which it says that the request is no good one.</summary>
    public HashSet<string> Dislikes { get; } = [];

    /// <summary>Until then no other change is taken.</summary>
    public DateTimeOffset Busy { get; set; }

    public List<FakeSet> Sorted => sorted ??= [.. sets.Values.OrderBy(s => s.Key(), StringComparer.Ordinal)];

    /// <summary>A line for each record, but for the zone's own SOA and NS.</summary>
    public string[] Lines => [.. Sorted.Where(s => s.Name != Name || s.Type is not ("SOA" or "NS")).SelectMany(s => s.Values.Length == 0 ? [$"{s.Name} {s.Type} {s.More}"] : s.Values.Order(StringComparer.Ordinal).Select(v => string.Create(CultureInfo.InvariantCulture, $"{s.Name} {s.Ttl} {s.Type} {v}{(s.SetId.Length > 0 ? $" ({s.SetId})" : "")}")))];

    /// <summary>What somebody else puts there.</summary>
    public void Put(string name, string type, long ttl, params string[] values) => Put(new FakeSet(Canonical(name), type, "", ttl, values));

    public void Put(FakeSet set) => (sets[set.Key()], sorted) = (set, null);

    /// <summary>Lower case, with a final dot, and octets other than letters, digits, hyphens and underscores in octal.</summary>
    public static string Canonical(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var c = char.ToLowerInvariant(name[i]);
            if (c == '\\')
            {
                c = char.ToLowerInvariant((char)Convert.ToInt32(name.Substring(i + 1, 3), 8));
                i += 3;
                text.Append(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' ? c.ToString() : $"\\{Convert.ToString(c, 8).PadLeft(3, '0')}");
            }
            else
            {
                text.Append(char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_' or '.' ? c.ToString() : $"\\{Convert.ToString(c, 8).PadLeft(3, '0')}");
            }
        }

        return text.Length > 0 && text[^1] == '.' ? text.ToString() : text.Append('.').ToString();
    }

    /// <summary>By labels from the right.</summary>
    public static string Order(string name) => string.Join('\0', name.TrimEnd('.').Split('.').Reverse());

    /// <summary>All of them or none. Null: they are taken.</summary>
    public string? Apply(List<FakeChange> changes)
    {
        if (changes.Sum(c => c.Records) > 1000)
            return "Number of records limit of 1000 exceeded.";
        if (changes.Sum(c => (c.Action == "UPSERT" ? 2 : 1) * c.Set.Values.Sum(v => v.Length)) > 32_000)
            return "Number of characters limit of 32000 exceeded.";
        if (changes.Count == 0)
            return "No changes";
        var after = new Dictionary<string, FakeSet>(sets);
        HashSet<string> deleted = [];
        foreach (var (action, set) in changes)
        {
            var called = $"resource record set [name='{set.Name}', type='{set.Type}']";
            var before = after.GetValueOrDefault(set.Key());
            if (Wrong(set) is { } wrong)
                return wrong;
            if (action == "DELETE")
            {
                if (!deleted.Add(set.Key()))
                    return $"Tried to delete {called} more than once";
                if (before is null)
                    return $"Tried to delete {called} but it was not found";
                if (before.Ttl != set.Ttl || !before.Values.ToHashSet().SetEquals(set.Values))
                    return $"Tried to delete {called} but the values provided do not match the current values";
                after.Remove(set.Key());
                continue;
            }

            if (action == "CREATE" && before is not null)
                return $"Tried to create {called} but it already exists";
            if (after.Values.Any(s => s.Name == set.Name && s.Type == set.Type && s.SetId.Length > 0))
                return $"RRSet with DNS name {set.Name}, type {set.Type}, SetIdentifier null cannot be created because a conflicting RRSet exists";
            after[set.Key()] = set;
        }

        var touched = changes.Select(c => c.Set.Name).ToHashSet();
        foreach (var name in after.Values.Where(s => touched.Contains(s.Name)).GroupBy(s => s.Name))
        {
            if (name.Any(s => s.Type == "CNAME") && name.Select(s => s.Type).Distinct().Count() > 1)
                return $"RRSet of type CNAME with DNS name {name.Key} is not permitted as it conflicts with other records with the same DNS name in zone {Name}";
        }

        if (!after.ContainsKey(FakeSet.KeyOf(Name, "SOA", "")) || !after.ContainsKey(FakeSet.KeyOf(Name, "NS", "")))
            return "A HostedZone must contain exactly one SOA record and at least one NS record for the zone itself.";
        (sets, sorted) = (after, null);
        return null;
    }

    string? Wrong(FakeSet set)
    {
        if (!Types.Contains(set.Type))
            return $"1 validation error detected: Value '{set.Type}' at 'type' failed to satisfy constraint";
        if (set.Name != Name && !set.Name.EndsWith("." + Name, StringComparison.Ordinal))
            return $"RRSet with DNS name {set.Name} is not permitted in zone {Name}";
        if (set.Ttl is < 0 or > int.MaxValue || set.Values.Length == 0 || set.Values.Distinct().Count() != set.Values.Length || (set.Type == "CNAME" && set.Values.Length > 1))
            return "Invalid TTL or ResourceRecords";
        if (Refuses.Contains(set.Name))
            return $"Invalid Resource Record: FATAL problem: at {set.Name}";
        foreach (var value in set.Values)
        {
            var good = set.Type switch
            {
                "A" => IPAddress.TryParse(value, out var v4) && v4.ToString() == value,
                "AAAA" => IPAddress.TryParse(value, out _) && value.Contains(':', StringComparison.Ordinal),
                "TXT" or "SPF" => value.Length <= 4000 && Strings().IsMatch(value),
                _ => value.All(c => c is >= ' ' and <= '~'),
            };
            if (!good)
                return $"Invalid Resource Record: '{value}'";
        }

        return null;
    }

    // Strings of up to 255 octets: printable, or escaped by three octal digits, or a quote or backslash behind a backslash.
    [GeneratedRegex("""^"([ !#-\[\]-~]|\\[0-3][0-7][0-7]|\\["\\]){0,255}"( "([ !#-\[\]-~]|\\[0-3][0-7][0-7]|\\["\\]){0,255}")*$""")]
    private static partial Regex Strings();
}
