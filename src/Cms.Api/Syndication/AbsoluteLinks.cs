using System.Text;

namespace Cms.Api.Syndication;

/// <summary>A reader of feeds does not know whose page it shows: addresses that begin at the site's root are made whole.</summary>
internal static class AbsoluteLinks
{
    private static readonly string[] Attributes = [" href=\"/", " src=\"/", " cite=\"/"];

    /// <summary>Of HTML as our own writer wrote it: attributes stand in double quotes, and neither text nor a value holds a bare <c>&lt;</c> or <c>&gt;</c>.</summary>
    public static string Of(string html, string baseUrl)
    {
        if (!Attributes.Any(a => html.Contains(a, StringComparison.Ordinal))) return html;

        var output = new StringBuilder(html.Length + 256);
        var at = 0;
        while (html.IndexOf('<', at) is >= 0 and var begin && html.IndexOf('>', begin) is >= 0 and var end)
        {
            var tag = html[begin..end];
            foreach (var attribute in Attributes) tag = tag.Replace(attribute, attribute[..^1] + baseUrl.Replace("&", "&amp;", StringComparison.Ordinal) + "/", StringComparison.Ordinal);
            output.Append(html, at, begin - at).Append(tag);
            at = end;
        }

        return output.Append(html, at, html.Length - at).ToString();
    }
}
