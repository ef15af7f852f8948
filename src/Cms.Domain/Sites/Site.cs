using Cms.Domain.Sharing;

namespace Cms.Domain.Sites;

/// <summary>The legal person or brand behind the site.</summary>
/// <param name="Name">Such as "Le Courrier".</param>
/// <param name="LogoUrl">Absolute, http or https.</param>
/// <param name="PostalAddress">In one line; it stands at the foot of the digest, where some countries' law wants it.</param>
public sealed record Publisher(string Name, string? LogoUrl, string? PostalAddress = null);

/// <summary>Templates of the newsroom's own addresses over <c>{language} {section} {slug} {id} {yyyy} {mm} {dd}</c>; each starts with <c>/</c>.</summary>
/// <param name="Article">Of an article; holds <c>{slug}</c> or <c>{id}</c>.</param>
/// <param name="Section">Of a section.</param>
/// <param name="Author">Of an author.</param>
/// <param name="Tag">Of a tag.</param>
public sealed record SitePaths(string Article, string Section, string Author, string Tag)
{
    /// <summary>Characters of a template, at most.</summary>
    public const int MaxLength = 200;

    /// <summary>What a new site has.</summary>
    public static SitePaths Default { get; } = new("/{section}/{slug}", "/{slug}", "/authors/{slug}", "/tags/{slug}");
}

/// <summary>What a site is called and how it writes, speaks and shares. There is one.</summary>
/// <param name="Name">Such as "Le Courrier".</param>
/// <param name="BaseUrl">The newsroom's own site, absolute, without a slash at its end.</param>
/// <param name="Language">BCP 47; what an article is in unless it says otherwise.</param>
/// <param name="TimeZone">A name of the tz list, such as <c>Europe/Paris</c>.</param>
/// <param name="Publisher">Who is behind it.</param>
/// <param name="KickerSeparator">What stands between kicker and headline in a title.</param>
/// <param name="Share">Defaults for what networks show.</param>
/// <param name="DigestHour">The hour of the daily digest, 0 to 23, in <paramref name="TimeZone"/>.</param>
/// <param name="DigestDay">The day of the weekly digest.</param>
/// <param name="Paths">Templates of addresses.</param>
public sealed record SiteSettings(
    string Name, string BaseUrl, string Language, string TimeZone, Publisher Publisher, string KickerSeparator, ShareCard Share,
    int DigestHour, DayOfWeek DigestDay, SitePaths Paths)
{
    /// <summary>What feed readers and search engines get.</summary>
    public SyndicationSettings Syndication { get; init; } = SyndicationSettings.Default;

    /// <summary>Clicks on articles of the digest are counted: of an edition and an article, and of nobody.</summary>
    public bool DigestClicks { get; init; }

    /// <summary>What others may do with its texts.</summary>
    public ReuseTerms Reuse { get; init; } = ReuseTerms.Empty;
}

/// <summary>The one row of the site's settings.</summary>
public sealed class Site
{
    /// <summary>Unicode scalars, at most.</summary>
    public const int NameMaxLength = 200, KickerSeparatorMaxLength = 10, PostalAddressMaxLength = 300;

    /// <summary>Characters of an address, at most.</summary>
    public const int UrlMaxLength = 2_048;

    /// <summary>The id of the one row, so that it can be found without a look-up.</summary>
    public static readonly Guid OnlyId = new("00000000-0000-7000-8000-000000000001");

    // EF Core binds these parameters to the mapped properties.
    private Site(Guid id, SiteSettings settings, DateTimeOffset updatedAt) => (Id, Settings, UpdatedAt) = (id, settings, updatedAt);

    /// <summary>Always <see cref="OnlyId"/>.</summary>
    public Guid Id { get; }

    /// <summary>What it is called, and the rest.</summary>
    public SiteSettings Settings { get; private set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>Changes with every stored change; what <c>ETag</c> and <c>If-Match</c> compare.</summary>
    public uint Version { get; }

    /// <summary>What the first migration stores.</summary>
    public static SiteSettings Defaults { get; } = new(
        "Cms", "http://localhost:3000", "en", "Etc/UTC", new Publisher("Cms", null), " : ", ShareCard.Empty, 7, DayOfWeek.Monday, SitePaths.Default);

    /// <summary>Replaces the settings.</summary>
    public void Configure(SiteSettings settings, DateTimeOffset now) => (Settings, UpdatedAt) = (settings, now);
}
