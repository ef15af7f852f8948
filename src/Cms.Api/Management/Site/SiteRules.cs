using System.Text.RegularExpressions;
using Cms.Api.Http;
using Cms.Domain.Sites;
using FluentValidation;

namespace Cms.Api.Management.Site;

/// <summary>Rules of the site's own fields.</summary>
internal static partial class SiteRules
{
    private const int TimeZoneMaxLength = 64;
    private static readonly string[] Dates = ["{yyyy}", "{mm}", "{dd}"];

    /// <summary>What paths are put behind as they are: no slash at the end, no query, no fragment.</summary>
    public static IRuleBuilderOptions<T, string?> BareAddress<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(u => u is null || !(u.EndsWith('/') || u.Contains('?', StringComparison.Ordinal) || u.Contains('#', StringComparison.Ordinal)))
            .WithErrorCode("url").WithMessage("Give it without a slash at its end, a query or a fragment.");

    /// <summary>A name of the tz list; a Windows name would mean nothing to PostgreSQL and to other programs.</summary>
    public static IRuleBuilderOptions<T, string?> TimeZoneName<T>(this IRuleBuilder<T, string?> rule) =>
        rule.SetValidator(new MaxScalarsValidator<T>(TimeZoneMaxLength)).Must(z => z is null || IsTimeZone(z))
            .WithErrorCode("timeZone").WithMessage("Give a name of the tz list, such as Europe/Paris or Etc/UTC.");

    /// <summary>A template of paths, from which every link is made.</summary>
    public static IRuleBuilderOptions<T, string?> PathTemplate<T>(this IRuleBuilder<T, string?> rule, bool dated) =>
        rule.NotEmpty().WithMessage("Give a template, such as /{slug}.").SetValidator(new MaxScalarsValidator<T>(SitePaths.MaxLength))
            .Must(p => p is null || IsPath(p)).WithErrorCode("path")
            .WithMessage("Begin with one slash; use letters, digits, - . _ ~, percent-encoded octets and the placeholders {language} {section} {slug} {id} {yyyy} {mm} {dd}.")
            .Must(p => p is null || Has(p, "{slug}", "{id}")).WithErrorCode("path").WithMessage("Name {slug} or {id}, so that no two addresses are the same.")
            .Must(p => p is null || dated || !Has(p, Dates)).WithErrorCode("path").WithMessage("Only an article has a date: leave out {yyyy}, {mm} and {dd}.");

    // The form is looked at first: the runtime takes the name for a path below its folder of zones.
    private static bool IsTimeZone(string name) =>
        ZoneForm().IsMatch(name) && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && zone.HasIanaId && zone.Id == name;

    private static bool IsPath(string path) => PathForm().IsMatch(path) && !path.Split('/').Any(step => step is "." or "..");

    private static bool Has(string path, params string[] anyOf) => anyOf.Any(p => path.Contains(p, StringComparison.Ordinal));

    [GeneratedRegex(@"^[A-Z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+){1,2}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex ZoneForm();

    // Two slashes in a row would make another host of what follows them.
    [GeneratedRegex(@"^(/([A-Za-z0-9\-._~]|%[0-9A-Fa-f]{2}|\{(language|section|slug|id|yyyy|mm|dd)\})+)+/?\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PathForm();
}
