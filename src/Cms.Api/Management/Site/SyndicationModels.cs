using System.Text.RegularExpressions;
using Cms.Api.Http;
using Cms.Domain.Sites;
using Cms.Domain.Text;
using FluentValidation;

namespace Cms.Api.Management.Site;

/// <summary>What feed readers and search engines get.</summary>
/// <param name="BaseUrl">Where readers reach feeds and sitemaps: the site's own host, when it hands those paths on to this service. None: this service's own address, and heads of articles name no feeds.</param>
/// <param name="Content">How much of an article stands in a feed; the summary when absent.</param>
/// <param name="Size">Articles of a feed's page; 20 when absent.</param>
/// <param name="SearchPath">The site's search page, such as <c>/recherche?q={searchTerms}</c>; none: the search of this service.</param>
/// <param name="Robots">Further lines of robots.txt.</param>
internal sealed partial record SyndicationInput(string? BaseUrl, FeedContent? Content, int? Size, string? SearchPath, string? Robots)
{
    public static SyndicationInput Of(SyndicationSettings s) => new(s.BaseUrl, s.Content, s.Size, s.SearchPath, s.Robots);

    /// <summary>Of an input that passed the validator.</summary>
    public static SyndicationSettings ToSettings(SyndicationInput? input)
    {
        var none = SyndicationSettings.Default;
        return input is null
            ? none
            : new(input.BaseUrl, input.Content ?? none.Content, input.Size ?? none.Size, input.SearchPath, string.IsNullOrWhiteSpace(input.Robots) ? null : input.Robots);
    }

    internal sealed class Validator : AbstractValidator<SyndicationInput>
    {
        public Validator()
        {
            RuleFor(s => s.BaseUrl).WebAddress(Domain.Sites.Site.UrlMaxLength).BareAddress();
            RuleFor(s => s.Size).InclusiveBetween(1, SyndicationSettings.MaxSize).WithMessage($"Give a number from 1 to {SyndicationSettings.MaxSize}.");
            RuleFor(s => s.SearchPath).SetValidator(new MaxScalarsValidator<SyndicationInput>(SyndicationSettings.SearchPathMaxLength))
                .Must(p => p is null || SearchForm().Count(p) == 1).WithErrorCode("path")
                .WithMessage($"Begin with one slash and name {SyndicationSettings.SearchTerms} once, such as /search?q={SyndicationSettings.SearchTerms}.");
            RuleFor(s => s.Robots).Text(SyndicationSettings.RobotsMaxLength, TextKind.MultiLine);
        }
    }

    [GeneratedRegex(@"^/(?!/)([A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*\{searchTerms\}([A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*\z", RegexOptions.CultureInvariant)]
    private static partial Regex SearchForm();
}
