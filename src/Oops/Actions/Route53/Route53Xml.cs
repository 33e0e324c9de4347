using System.Globalization;
using System.Text;
using System.Xml;
using Oops.Wire.Dns;

namespace Oops.Actions.Route53;

/// <summary>An element of an answer: its text, or what is in it.</summary>
internal sealed class Route53Element(string name)
{
    readonly List<Route53Element> within = [];

    public string Name => name;

    // Pieces of it come one by one, and may be very many.
    readonly StringBuilder text = new();

    public string Text => text.ToString();

    public IReadOnlyList<Route53Element> Within => within;

    /// <summary>The first of that name; null: there is none.</summary>
    public Route53Element? Get(string child) => within.Find(e => e.Name == child);

    /// <summary>The text of the first of that name; empty: there is none.</summary>
    public string TextOf(string child) => Get(child)?.Text ?? "";

    public IEnumerable<Route53Element> All(string child) => within.Where(e => e.Name == child);

    /// <summary>The texts of all elements of that name at any depth.</summary>
    public IEnumerable<string> Deep(string child) => within.SelectMany(e => e.Name == child ? [e.Text] : e.Deep(child));

    internal void Add(Route53Element element) => within.Add(element);

    internal void Add(string piece) => text.Append(piece);
}

/// <summary>The XML of the API of 2013-04-01.</summary>
internal static class Route53Xml
{
    public const string Namespace = "https://route53.amazonaws.com/doc/2013-04-01/";

    const int Deepest = 16;

    static readonly XmlReaderSettings Reading = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreComments = true, IgnoreProcessingInstructions = true, CloseInput = true };

    static readonly XmlWriterSettings Writing = new() { Encoding = new UTF8Encoding(false) };

    /// <summary>The root. Null: it is no XML, or none of a depth that the API has.</summary>
    public static Route53Element? Read(byte[] text)
    {
        try
        {
            using var xml = XmlReader.Create(new MemoryStream(text, writable: false), Reading);
            var open = new Stack<Route53Element>();
            Route53Element? root = null;
            while (xml.Read())
            {
                switch (xml.NodeType)
                {
                    case XmlNodeType.Element:
                        var element = new Route53Element(xml.LocalName);
                        root ??= element;
                        if (open.TryPeek(out var above))
                            above.Add(element);
                        if (!xml.IsEmptyElement)
                            open.Push(element);
                        if (open.Count > Deepest)
                            return null;
                        break;
                    case XmlNodeType.EndElement:
                        open.Pop();
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace:
                        open.Peek().Add(xml.Value);
                        break;
                }
            }

            return root;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>ChangeResourceRecordSetsRequest.</summary>
    public static byte[] Changes(string comment, IReadOnlyList<Route53Change> changes)
    {
        using var text = new MemoryStream();
        using (var xml = XmlWriter.Create(text, Writing))
        {
            xml.WriteStartElement("ChangeResourceRecordSetsRequest", Namespace);
            xml.WriteStartElement("ChangeBatch");
            xml.WriteElementString("Comment", comment);
            xml.WriteStartElement("Changes");
            foreach (var change in changes)
                Write(xml, change);
            xml.WriteEndElement();
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        return text.ToArray();
    }

    static void Write(XmlWriter xml, Route53Change change)
    {
        xml.WriteStartElement("Change");
        xml.WriteElementString("Action", change.Action switch { Route53Verb.Create => "CREATE", Route53Verb.Upsert => "UPSERT", _ => "DELETE" });
        xml.WriteStartElement("ResourceRecordSet");
        xml.WriteElementString("Name", change.Set.Name);
        xml.WriteElementString("Type", TypeNames.Of(change.Type));
        xml.WriteElementString("TTL", change.Set.Ttl.ToString(CultureInfo.InvariantCulture));
        xml.WriteStartElement("ResourceRecords");
        foreach (var value in change.Set.Values)
        {
            xml.WriteStartElement("ResourceRecord");
            xml.WriteElementString("Value", value);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    }
}
