using System.Text.Json.Serialization;
using Cms.Api.Http;
using Cms.Api.Management.Reuse;
using Cms.Api.Management.Share;
using Cms.Domain.Sites;
using FluentValidation;

namespace Cms.Api.Management.Site;

/// <summary>The legal person or brand behind the site.</summary>
/// <param name="Name">Such as "Le Courrier".</param>
/// <param name="LogoUrl">Absolute, http or https.</param>
/// <param name="PostalAddress">In one line; it stands after the name at the foot of the digest, where some countries' law wants it.</param>
internal sealed record PublisherInput(string? Name, string? LogoUrl, string? PostalAddress)
{
    public static PublisherInput Of(Publisher p) => new(p.Name, p.LogoUrl, p.PostalAddress);

    internal sealed class Validator : AbstractValidator<PublisherInput>
    {
        public Validator()
        {
            RuleFor(p => p.Name).RequiredText(Domain.Sites.Site.NameMaxLength);
            RuleFor(p => p.LogoUrl).WebAddress(Domain.Sites.Site.UrlMaxLength);
            RuleFor(p => p.PostalAddress).Text(Domain.Sites.Site.PostalAddressMaxLength);
        }
    }
}

/// <summary>Templates of the newsroom's own addresses over <c>{language} {section} {slug} {id}</c>, and <c>{yyyy} {mm} {dd}</c> for articles.</summary>
/// <param name="Article">Such as <c>/{section}/{slug}</c>.</param>
/// <param name="Section">Such as <c>/{slug}</c>.</param>
/// <param name="Author">Such as <c>/authors/{slug}</c>.</param>
/// <param name="Tag">Such as <c>/tags/{slug}</c>.</param>
internal sealed record SitePathsInput(string? Article, string? Section, string? Author, string? Tag)
{
    internal sealed class Validator : AbstractValidator<SitePathsInput>
    {
        public Validator()
        {
            RuleFor(p => p.Article).PathTemplate(dated: true);
            RuleFor(p => p.Section).PathTemplate(dated: false);
            RuleFor(p => p.Author).PathTemplate(dated: false);
            RuleFor(p => p.Tag).PathTemplate(dated: false);
        }
    }
}

/// <summary>The site's settings as an editor sends them.</summary>
/// <param name="Name">Such as "Le Courrier".</param>
/// <param name="BaseUrl">The newsroom's own site, absolute, without a slash at its end.</param>
/// <param name="Language">BCP 47; what an article is in unless it says otherwise.</param>
/// <param name="TimeZone">A name of the tz list, such as Europe/Paris.</param>
/// <param name="Publisher">Who is behind it.</param>
/// <param name="KickerSeparator">What stands between kicker and headline in a title.</param>
/// <param name="Share">Defaults for what networks show.</param>
/// <param name="DigestHour">The hour of the daily digest, 0 to 23, in the site's time zone.</param>
/// <param name="DigestDay">The day of the weekly digest.</param>
/// <param name="DigestClicks">Count clicks on articles of the digest: by edition and article, and of nobody. Not when absent.</param>
/// <param name="Paths">Templates of addresses.</param>
/// <param name="Syndication">What feed readers and search engines get; as a new site has it when absent.</param>
/// <param name="Reuse">What others may do with its texts.</param>
internal sealed record SiteInput(
    string? Name, string? BaseUrl, string? Language, string? TimeZone, PublisherInput? Publisher, string? KickerSeparator, ShareCardInput? Share,
    int? DigestHour, DayOfWeek? DigestDay, bool? DigestClicks, SitePathsInput? Paths, SyndicationInput? Syndication, ReuseInput? Reuse)
{
    public static SiteInput Of(SiteSettings s) => new(
        s.Name, s.BaseUrl, s.Language, s.TimeZone, PublisherInput.Of(s.Publisher), s.KickerSeparator, ShareCardInput.Of(s.Share),
        s.DigestHour, s.DigestDay, s.DigestClicks, new(s.Paths.Article, s.Paths.Section, s.Paths.Author, s.Paths.Tag), SyndicationInput.Of(s.Syndication), ReuseInput.Of(s.Reuse));

    /// <summary>Of an input that passed the validator.</summary>
    public SiteSettings ToSettings() => new(
        Name ?? "", BaseUrl ?? "", Language ?? "", TimeZone ?? "", new(Publisher?.Name ?? "", Publisher?.LogoUrl, Publisher?.PostalAddress), KickerSeparator ?? "",
        ShareCardInput.ToCard(Share), DigestHour ?? 0, DigestDay ?? default,
        new(Paths?.Article ?? "", Paths?.Section ?? "", Paths?.Author ?? "", Paths?.Tag ?? ""))
    {
        DigestClicks = DigestClicks ?? false,
        Syndication = SyndicationInput.ToSettings(Syndication),
        Reuse = ReuseInput.ToTerms(Reuse),
    };

    internal sealed class Validator : AbstractValidator<SiteInput>
    {
        public Validator(IValidator<PublisherInput> publisher, IValidator<ShareCardInput> share, IValidator<SitePathsInput> paths, IValidator<SyndicationInput> syndication,
            IValidator<ReuseInput> reuse)
        {
            RuleFor(s => s.Name).RequiredText(Domain.Sites.Site.NameMaxLength);
            RuleFor(s => s.BaseUrl).NotEmpty().WithMessage("Give the site's address.").WebAddress(Domain.Sites.Site.UrlMaxLength).BareAddress();
            RuleFor(s => s.Language).NotEmpty().WithMessage("Give a BCP 47 language tag.").Language();
            RuleFor(s => s.TimeZone).NotEmpty().WithMessage("Give a time zone, such as Europe/Paris.").TimeZoneName();
            RuleFor(s => s.Publisher).NotNull().WithMessage("Say who is behind the site.").SetValidator(publisher!); // null stops at the rule before
            RuleFor(s => s.KickerSeparator).NotNull().WithMessage("Give at least a space.")
                .MinimumLength(1).WithErrorCode("required").WithMessage("Give at least a space.").Text(Domain.Sites.Site.KickerSeparatorMaxLength);
            RuleFor(s => s.Share).SetValidator(share!); // null is not validated: FluentValidation passes over it
            RuleFor(s => s.DigestHour).NotNull().WithMessage("Give an hour from 0 to 23.").InclusiveBetween(0, 23).WithMessage("Give an hour from 0 to 23.");
            RuleFor(s => s.DigestDay).NotNull().WithMessage("Give a day, such as monday.");
            RuleFor(s => s.Paths).NotNull().WithMessage("Give the four templates of addresses.").SetValidator(paths!); // null stops at the rule before
            RuleFor(s => s.Syndication).SetValidator(syndication!); // null is not validated: FluentValidation passes over it
            RuleFor(s => s.Reuse).SetValidator(reuse!); // the same
        }
    }
}

/// <summary>The site's settings as the management face answers them.</summary>
/// <param name="Name">Such as "Le Courrier".</param>
/// <param name="BaseUrl">The newsroom's own site.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="TimeZone">A name of the tz list.</param>
/// <param name="Publisher">Who is behind it.</param>
/// <param name="KickerSeparator">What stands between kicker and headline in a title.</param>
/// <param name="Share">Defaults for what networks show.</param>
/// <param name="DigestHour">The hour of the daily digest.</param>
/// <param name="DigestDay">The day of the weekly digest.</param>
/// <param name="DigestClicks">Clicks on articles of the digest are counted.</param>
/// <param name="Paths">Templates of addresses.</param>
/// <param name="Syndication">What feed readers and search engines get.</param>
/// <param name="Reuse">What others may do with its texts.</param>
/// <param name="UpdatedAt">UTC.</param>
internal sealed record SiteView(
    string Name, string BaseUrl, string Language, string TimeZone, PublisherInput Publisher, string KickerSeparator, ShareCardInput Share,
    int DigestHour, DayOfWeek DigestDay, bool DigestClicks, SitePathsInput Paths, SyndicationInput Syndication, ReuseInput Reuse, DateTimeOffset UpdatedAt) : IVersioned
{
    [JsonIgnore]
    public uint Version { get; init; }

    public static SiteView Of(Domain.Sites.Site site)
    {
        var s = site.Settings;
        return new(
            s.Name, s.BaseUrl, s.Language, s.TimeZone, PublisherInput.Of(s.Publisher), s.KickerSeparator, ShareCardInput.Of(s.Share),
            s.DigestHour, s.DigestDay, s.DigestClicks, new(s.Paths.Article, s.Paths.Section, s.Paths.Author, s.Paths.Tag), SyndicationInput.Of(s.Syndication), ReuseInput.Of(s.Reuse), site.UpdatedAt)
        { Version = site.Version };
    }
}
