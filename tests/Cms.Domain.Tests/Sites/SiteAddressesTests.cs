using System.Globalization;
using Cms.Domain.Sites;
using Cms.Domain.Tests.Text;
using Cms.Domain.Text;

namespace Cms.Domain.Tests.Sites;

public sealed class SiteAddressesTests
{
    private static readonly Guid Id = new("0199c1e2-7b1a-7c3d-8e4f-5a6b7c8d9e0f");
    private static readonly SitePaths Paths = new("/{language}/{section}/{yyyy}/{mm}/{dd}/{slug}-{id}", "/{language}/s/{slug}", "/a/{slug}", "/t/{id}");

    private static SiteAddresses Site(SitePaths paths) => new(global::Cms.Domain.Sites.Site.Defaults with { BaseUrl = "https://courrier.example", TimeZone = "Europe/Paris", Paths = paths });

    private static string Article(SitePaths paths, string? section, string slug, string at = "2026-07-01T12:00:00Z") => Site(paths).Article(
        "fr", section is null ? null : Slug.Parse(section), Slug.Parse(slug), Id, DateTimeOffset.Parse(at, CultureInfo.InvariantCulture));

    [Fact]
    public void Every_placeholder_is_filled()
    {
        Assert.Equal($"/fr/monde/2026/07/01/le-slug-{Id}", Article(Paths, "monde", "le-slug"));
        Assert.Equal("/de/s/kultur", Site(Paths).Section("de", Slug.Parse("kultur"), Id));
        Assert.Equal("/a/anne", Site(Paths).Author(Slug.Parse("anne"), Id));
        Assert.Equal($"/t/{Id}", Site(Paths).Tag(Slug.Parse("kim"), Id));
        Assert.Equal("https://courrier.example/a/anne", Site(Paths).Absolute("/a/anne"));
    }

    [Theory]
    [InlineData("2026-12-31T22:59:59Z", "2026/12/31")]
    [InlineData("2026-12-31T23:00:00Z", "2027/01/01")]
    [InlineData("2026-06-30T21:59:59Z", "2026/06/30")]
    [InlineData("2026-06-30T22:00:00Z", "2026/07/01")]
    public void The_date_is_that_of_the_sites_time_zone_in_winter_and_summer(string at, string date) =>
        Assert.Contains($"/{date}/", Article(Paths, "monde", "le-slug", at), StringComparison.Ordinal);

    [Fact]
    public void A_slug_of_another_script_is_percent_encoded_in_UTF_8() =>
        Assert.Equal("/%ED%95%9C%EA%B5%AD/%D8%AE%D8%A8%D8%B1", Article(SitePaths.Default, "한국", "خبر"));

    [Fact]
    public void Without_a_section_no_two_slashes_make_another_host_of_the_slug() =>
        Assert.Equal("/le-slug", Article(SitePaths.Default, null, "le-slug"));

    [Fact]
    public void An_address_is_the_same_under_every_culture() =>
        Assert.Equal($"/fr/monde/2026/07/01/le-slug-{Id}", Texts.Everywhere(() => Article(Paths, "monde", "le-slug")));
}
