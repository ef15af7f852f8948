using Cms.Infrastructure.Newsletter.Templates;

namespace Cms.Api.Management.Templates;

/// <summary>What readers see of the newsletter is made from these. They are few: there are no pages.</summary>
/// <param name="Languages">Those that have texts, by code.</param>
/// <param name="Items">By name.</param>
internal sealed record NewsletterTemplatesView(IReadOnlyList<TemplateLanguageView> Languages, IReadOnlyList<NewsletterTemplateView> Items);

/// <summary>A language that pages and mails speak.</summary>
/// <param name="Code">BCP 47.</param>
/// <param name="Overridden">Whether the newsroom's folder has texts of it.</param>
internal sealed record TemplateLanguageView(string Code, bool Overridden);

/// <summary>A template.</summary>
/// <param name="Name">Its file's, without <c>.liquid</c>.</param>
/// <param name="Kind">What it is a template of. A layout has no preview of its own: it shows around pages or mails.</param>
/// <param name="Overridden">Whether the newsroom's folder has it; else it is ours.</param>
/// <param name="Samples">How many samples a preview can be filled with.</param>
internal sealed record NewsletterTemplateView(string Name, TemplateKind Kind, bool Overridden, int Samples)
{
    public static NewsletterTemplateView Of(TemplateSummary t) => new(t.Name, t.Kind, t.IsOverridden, t.Samples);
}
