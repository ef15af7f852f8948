using System.Text;
using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Http;
using Cms.Domain.Sites;
using Cms.Infrastructure.Delivery;
using Microsoft.Extensions.Options;

namespace Cms.Api.Syndication.WellKnown;

/// <summary>What machines ask for at the same address everywhere.</summary>
internal static class WellKnownEndpoints
{
    // Of a short name, at most (OpenSearch 1.1, draft 6).
    private const int ShortName = 16;

    private const string OpenSearchNamespace = "http://a9.com/-/spec/opensearch/1.1/", OpenSearch = "application/opensearchdescription+xml";

    public static void MapWellKnown(this RouteGroupBuilder syndication)
    {
        syndication.MapMethods("/opensearch.xml", Verbs.Read, Search).WithTags("Well-known").WithName("getOpenSearch").WithSummary("How the site is searched, for browsers (OpenSearch)")
            .Public("browsers ask without a token").WithQuery().Sends((OpenSearch, null)).ProducesNotModified();
        syndication.MapMethods("/.well-known/tdmrep.json", Verbs.Read, Reuse).WithTags("Well-known").WithName("getReuseRules").WithSummary("What text and data mining is reserved, by path (TDMRep)")
            .Public("miners ask without a token").WithQuery().Sends(("application/json", typeof(IReadOnlyList<SiteDocuments.TdmRule>))).ProducesNotModified();
    }

    /// <summary>Of no face: it reads nothing, and has to be there when all faces are full.</summary>
    public static void MapSecurityContact(this WebApplication app) =>
        app.MapMethods("/.well-known/security.txt", Verbs.Read, Security).WithGroupName("operations").WithTags("Well-known").WithName("getSecurityTxt")
            .WithSummary("Where to report a weakness (RFC 9116)").Public("who finds a weakness has no token").Sends(("text/plain", null)).ProducesNotModified().Refuses(404);

    private static Task Reuse(HttpContext context, DeliveryStore store, CancellationToken ct) => Delivery.Documents.Send(SiteDocuments.ReuseKey, DeliveryKey.Reuse, context, store, ct);

    private static async Task Search(HttpContext context, SyndicationSource source, OwnAddress own, CancellationToken ct)
    {
        var site = await source.Site(ct);
        var (document, page) = (site.Document, site.Document.Syndication.SearchPath);
        var bytes = XmlOutput.Write(xml =>
        {
            xml.WriteStartElement("OpenSearchDescription", OpenSearchNamespace);
            xml.Text("ShortName", Cut(document.Name), OpenSearchNamespace);
            xml.Text("LongName", document.Name.Length <= 48 ? document.Name : null, OpenSearchNamespace);
            xml.Text("Description", document.Share.Description ?? document.Name, OpenSearchNamespace);
            if (page is not null) xml.Empty("Url", OpenSearchNamespace, ("type", "text/html"), ("template", document.BaseUrl + page));
            else xml.Empty("Url", OpenSearchNamespace, ("type", "application/json"), ("template", $"{own.Value}/delivery/v1/search?q={SyndicationSettings.SearchTerms}"));
            xml.Empty("Url", OpenSearchNamespace, ("type", OpenSearch), ("rel", "self"), ("template", site.BaseUrl + "/opensearch.xml"));
            xml.Text("Language", document.Language, OpenSearchNamespace);
            xml.Text("InputEncoding", "UTF-8", OpenSearchNamespace);
            xml.Text("OutputEncoding", "UTF-8", OpenSearchNamespace);
            xml.WriteEndElement();
        });
        await DeliveryAnswers.SendPlain(context, bytes, $"{OpenSearch}; charset=utf-8", DeliveryKey.Site);
    }

    private static string Cut(string name) => name.EnumerateRunes().Count() <= ShortName ? name : string.Concat(name.EnumerateRunes().Take(ShortName - 1)) + "…";

    private static Task Security(HttpContext context, IOptions<CmsOptions> options)
    {
        var cms = options.Value;
        if (string.IsNullOrEmpty(cms.SecurityContact)) return Problems.Send(context, Problems.Of("not-found", "The operator names nobody. Cms__SecurityContact does."));

        var text = new StringBuilder($"Contact: {cms.SecurityContact}\nExpires: {cms.SecurityExpires}\n");
        if (!string.IsNullOrEmpty(cms.SecurityPolicy)) text.Append("Policy: ").Append(cms.SecurityPolicy).Append('\n');
        return DeliveryAnswers.SendPlain(context, Encoding.UTF8.GetBytes(text.ToString()), "text/plain; charset=utf-8", DeliveryKey.Site);
    }
}
