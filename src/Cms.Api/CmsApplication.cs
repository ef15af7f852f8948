using Cms.Api.Access;
using Cms.Api.Delivery;
using Cms.Api.Delivery.Articles;
using Cms.Api.Delivery.Authors;
using Cms.Api.Delivery.Changes;
using Cms.Api.Delivery.Lists;
using Cms.Api.Delivery.Search;
using Cms.Api.Delivery.Sections;
using Cms.Api.Delivery.Site;
using Cms.Api.Delivery.Tags;
using Cms.Api.Http;
using Cms.Api.Management.Articles;
using Cms.Api.Management.Audit;
using Cms.Api.Management.Authors;
using Cms.Api.Management.Bounces;
using Cms.Api.Management.Digests;
using Cms.Api.Management.Jobs;
using Cms.Api.Management.Lists;
using Cms.Api.Management.Sections;
using Cms.Api.Management.Share;
using Cms.Api.Management.Site;
using Cms.Api.Management.Slugs;
using Cms.Api.Management.Subscribers;
using Cms.Api.Management.Suppressions;
using Cms.Api.Management.Tags;
using Cms.Api.Management.Templates;
using Cms.Api.Management.Tokens;
using Cms.Api.Newsletter;
using Cms.Api.OpenApi;
using Cms.Api.Operations;
using Cms.Api.Syndication.Cards;
using Cms.Api.Syndication.Feeds;
using Cms.Api.Syndication.Sitemaps;
using Cms.Api.Syndication.WellKnown;

namespace Cms.Api;

/// <summary>The service's table of contents: what it is made of, what a request passes, what it offers.</summary>
internal static class CmsApplication
{
    public static void Add(WebApplicationBuilder builder)
    {
        builder.AddServer();
        builder.AddLogs();
        builder.AddTelemetry();
        builder.AddFaces();
        builder.Services.AddStores();
        builder.Services.AddDelivery();
        builder.Services.AddAccess();
        builder.Services.AddManagement();
        builder.AddNewsletter();
        builder.Services.AddBackground();
        builder.Services.AddHealth();
        builder.Services.AddOpenApiDocuments();
    }

    public static void Use(WebApplication app)
    {
        app.UseForwardedHeaders();
        app.UseShortCut();
        app.UseRequestLog();
        app.UseProblems();
        app.UseSecurityHeaders();
        app.UseRequestBounds();
        app.UseKnownHosts();
        app.UseColdShortCut();
        app.UseDocs();
        app.UseRouting();
        app.UseRequestRoute();
        app.UseFaceHeaders();
        app.UseCors();
        app.UseFaceLimits();
        app.UseTimeouts();
        app.UseAuthentication();
        app.UseTokenLimits();
        app.UseScopes();
        app.UseRequestGuard();
        app.UseDeliveryCache();
    }

    public static void Map(WebApplication app)
    {
        var delivery = app.MapGroup("/delivery/v1").OfFace(Face.Delivery);
        delivery.MapDeliveryArticles();
        delivery.MapDeliveryRelated();
        delivery.MapDeliverySearch();
        delivery.MapDeliverySections();
        delivery.MapDeliveryLists();
        delivery.MapDeliveryAuthors();
        delivery.MapDeliveryTags();
        delivery.MapDeliverySite();
        delivery.MapDeliveryChanges();

        var management = app.MapGroup("/management/v1").OfFace(Face.Management).WithAnswers().WithUnitOfWork();
        management.MapArticles();
        management.MapSections();
        management.MapLists();
        management.MapAuthors();
        management.MapTags();
        management.MapSlugs();
        management.MapSite();
        management.MapShare();
        management.MapSubscribers();
        management.MapSuppressions();
        management.MapBounces();
        management.MapDigests();
        management.MapNewsletterTemplates();
        management.MapSubscriberLists();
        management.MapTokens();
        management.MapAudit();
        management.MapJobs();

        var newsletter = app.MapGroup(ReaderPaths.Root).OfFace(Face.Newsletter).WithReaderAnswers();
        newsletter.MapSubscriptions();
        newsletter.MapConfirmations();
        newsletter.MapPreferences();
        newsletter.MapClicks();

        var syndication = app.MapGroup("").OfFace(Face.Syndication);
        syndication.MapFeeds();
        syndication.MapSitemaps();
        syndication.MapOEmbed();
        syndication.MapWellKnown();

        app.MapHealth();
        app.MapSecurityContact();
        app.MapProblemPages();
        app.MapOpenApiDocuments();
    }
}
