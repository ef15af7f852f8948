using System.Globalization;
using System.Text;
using System.Xml;

namespace Cms.Api.Syndication;

/// <summary>XML as feeds and sitemaps need it: UTF-8, and no character that XML 1.0 (2.2) does not know, whatever an editor typed.</summary>
internal static class XmlOutput
{
    public static readonly XmlWriterSettings Settings = new()
    {
        Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
        NewLineHandling = NewLineHandling.Entitize, // else a writer on Windows would send other bytes
        CloseOutput = false,
    };

    public static byte[] Write(Action<XmlWriter> write)
    {
        using var bytes = new MemoryStream(16 * 1024);
        using (var xml = XmlWriter.Create(bytes, Settings)) write(xml);
        return bytes.ToArray();
    }

    /// <summary>An element with text; none of a text that is not there.</summary>
    public static void Text(this XmlWriter xml, string name, string? text, string? ns = null, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        if (text is null) return;
        xml.WriteStartElement(name, ns);
        Attributes(xml, attributes);
        xml.WriteString(Legal(text));
        xml.WriteEndElement();
    }

    /// <summary>An element with attributes alone.</summary>
    public static void Empty(this XmlWriter xml, string name, string? ns = null, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        xml.WriteStartElement(name, ns);
        Attributes(xml, attributes);
        xml.WriteEndElement();
    }

    /// <summary>Attributes that have a value.</summary>
    public static void Attributes(this XmlWriter xml, params ReadOnlySpan<(string Name, string? Value)> attributes)
    {
        foreach (var (name, value) in attributes)
            if (value is not null) xml.WriteAttributeString(name, Legal(value));
    }

    /// <summary>RFC 3339 in UTC, to the second.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Without what cannot stand in XML 1.0, not even as a reference.</summary>
    public static string Legal(string text)
    {
        var isLegal = true;
        foreach (var rune in text.EnumerateRunes()) isLegal &= IsLegal(rune);
        if (isLegal && !text.Contains('\uFFFD', StringComparison.Ordinal)) return text; // half of a pair reads as U+FFFD

        var legal = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            if (IsLegal(rune)) legal.Append(rune);
        return legal.ToString();
    }

    private static bool IsLegal(Rune rune) => rune.Value is '\t' or '\n' or '\r' or (>= 0x20 and <= 0xD7FF) or (>= 0xE000 and <= 0xFFFD) or >= 0x10000;
}
