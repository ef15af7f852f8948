using Cms.Api.Access;
using Cms.Api.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Cms.Api.Tests.Contract;

/// <summary>Walks the endpoints that the service really has: a new one that forgets a decision fails here.</summary>
public sealed class EndpointTests(ApiFixture fixture)
{
    // What anybody may call. A longer list is a decision, and is made here.
    private static readonly string[] Approved =
    [
        "changePreferences", "confirmSignUp", "followArticle", "getArticleSitemap", "getAuthorFeed", "getChallenge", "getCheckInboxPage", "getConfirmationPage", "getFeed", "getLiveness", "getNewsSitemap", "getOEmbed",
        "getOpenApiDocument", "getOpenSearch", "getPreferencesPage", "getProblemType", "getPublishedArticle", "getPublishedArticleHead", "getPublishedAuthor", "getPublishedList",
        "getPublishedSection", "getPublishedSite", "getPublishedTag", "getReadiness", "getReuseRules", "getRobots", "getSectionFeed", "getSectionSitemap", "getSecurityTxt", "getSignUpPage",
        "getSitemapIndex", "getTagFeed", "getUnsubscribePage", "leave", "listChanges", "listPublishedArticles", "listPublishedAuthors", "listPublishedLists", "listPublishedSections",
        "listPublishedTags", "listRelatedArticles", "searchPublishedArticles", "signUp",
    ];

    private IReadOnlyList<RouteEndpoint> Endpoints => [.. fixture.Service.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()];

    private static string Name(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? endpoint.RoutePattern.RawText ?? "?";

    [Fact]
    public void Every_endpoint_has_a_name_a_summary_and_a_decision_who_may_call_it() => Assert.All(Endpoints, endpoint =>
    {
        Assert.NotNull(endpoint.Metadata.GetMetadata<IEndpointNameMetadata>());
        Assert.NotNull(endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>());
        Assert.True(endpoint.Metadata.GetMetadata<RequiredScopes>() is { AnyOf.Count: > 0 } ^ endpoint.Metadata.GetMetadata<PublicAccess>() is { Reason.Length: > 0 }, Name(endpoint));
    });

    [Fact]
    public void The_public_ones_are_those_that_were_approved() =>
        Assert.Equal(Approved, Endpoints.Where(e => e.Metadata.GetMetadata<PublicAccess>() is not null).Select(Name).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Names_are_unique() => Assert.Equal(Endpoints.Count, Endpoints.Select(Name).Distinct().Count());

    [Fact]
    public void Every_endpoint_declares_what_it_answers_when_all_is_well() =>
        Assert.All(Endpoints, e => Assert.True(e.Metadata.GetOrderedMetadata<IProducesResponseTypeMetadata>().Any(p => p.StatusCode is >= 200 and < 300 or 302), Name(e)));

    // What the query or the body names, and what the operator may leave out.
    private static readonly string[] MissingOtherwise = ["getChallenge", "getOEmbed", "getSecurityTxt", "liftSuppression"];

    [Fact]
    public void Whatever_is_found_by_its_address_may_be_missing_and_nothing_else() =>
        Assert.All(Endpoints.Where(e => !MissingOtherwise.Contains(Name(e))), e => Assert.True(e.RoutePattern.Parameters.Count > 0 == e.Metadata.GetOrderedMetadata<Refusals>().Any(r => r.Statuses.Contains(404)), Name(e)));

    [Fact]
    public void Whatever_takes_a_body_declares_that_it_may_be_refused() => Assert.All(
        Endpoints.Where(e => e.Metadata.GetMetadata<BodyMetadata>() is not null),
        // A mail has no rules of fields.
        e => Assert.Subset(e.Metadata.GetOrderedMetadata<Refusals>().SelectMany(r => r.Statuses).ToHashSet(), e.Metadata.GetMetadata<BodyMetadata>()?.MediaType == BodyMetadata.Mail ? [400, 413, 415] : new HashSet<int> { 400, 413, 415, 422 }));

    [Fact]
    public void Whatever_overwrites_needs_If_Match() => Assert.All(
        Endpoints.Where(e => e.Metadata.GetMetadata<Face>() == Face.Management && e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods.Any(m => m is "PUT" or "PATCH" or "DELETE") == true),
        e => Assert.NotNull(e.Metadata.GetMetadata<IfMatchRequired>()));
}
