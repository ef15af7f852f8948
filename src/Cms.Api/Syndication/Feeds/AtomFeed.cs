using System.Xml;

namespace Cms.Api.Syndication.Feeds;

/// <summary>Atom 1.0 (RFC 4287), in pages (RFC 5005, 3).</summary>
internal static class AtomFeed
{
    private const string Atom = "http://www.w3.org/2005/Atom", Media = "http://search.yahoo.com/mrss/";

    public static byte[] Write(Feed feed) => XmlOutput.Write(xml =>
    {
        xml.WriteStartElement("feed", Atom);
        xml.WriteAttributeString("xmlns", "media", null, Media);
        xml.WriteAttributeString("xml", "lang", null, feed.Language);
        xml.Text("id", feed.First, Atom);
        xml.Text("title", feed.Title, Atom);
        xml.Text("subtitle", feed.Description, Atom);
        xml.Text("updated", XmlOutput.Time(feed.UpdatedAt), Atom);
        xml.Text("rights", feed.Rights, Atom);
        xml.Text("generator", "Cms", Atom);
        // Whose entries are that name nobody (4.1.1).
        Person(xml, feed.Publisher, feed.Site.Document.BaseUrl);
        Link(xml, "self", feed.Self, "application/atom+xml");
        Link(xml, "alternate", feed.Link, "text/html");
        Link(xml, "first", feed.First, "application/atom+xml");
        if (feed.Next is { } next) Link(xml, "next", next, "application/atom+xml");
        if (feed.Reuse.LicenseUrl is { } license) Link(xml, "license", license, null); // RFC 4946
        foreach (var entry in feed.Entries) Entry(xml, entry, feed);
        xml.WriteEndElement();
    });

    private static void Entry(XmlWriter xml, FeedEntry entry, Feed feed)
    {
        xml.WriteStartElement("entry", Atom);
        if (entry.Language != feed.Language) xml.WriteAttributeString("xml", "lang", null, entry.Language);
        xml.Text("id", entry.Urn, Atom);
        xml.Text("title", entry.Title, Atom);
        Link(xml, "alternate", entry.Url, "text/html");
        xml.Text("published", XmlOutput.Time(entry.FirstPublishedAt), Atom);
        xml.Text("updated", XmlOutput.Time(entry.UpdatedAt), Atom);
        foreach (var author in entry.Authors) Person(xml, author.Name, author.Path is { } path ? feed.Site.Document.BaseUrl + path : null);
        foreach (var category in entry.Categories) xml.Empty("category", Atom, ("term", category));
        // Without a summary nor content an entry would be less than the specification asks for (4.1.2 advises both).
        xml.Text("summary", entry.Standfirst ?? entry.Title, Atom);
        xml.Text("content", entry.Html, Atom, ("type", "html"));
        if (entry.Reuse?.LicenseUrl is { } license) Link(xml, "license", license, null);
        RssFeed.Picture(xml, entry.LeadImage, Media);
        xml.WriteEndElement();
    }

    private static void Person(XmlWriter xml, string name, string? address)
    {
        xml.WriteStartElement("author", Atom);
        xml.Text("name", name, Atom);
        xml.Text("uri", address, Atom);
        xml.WriteEndElement();
    }

    private static void Link(XmlWriter xml, string relation, string address, string? type) => xml.Empty("link", Atom, ("rel", relation), ("href", address), ("type", type));
}
