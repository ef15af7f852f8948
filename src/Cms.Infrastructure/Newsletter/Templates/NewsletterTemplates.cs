using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Fluid;
using Fluid.Ast;
using Fluid.Values;

namespace Cms.Infrastructure.Newsletter.Templates;

/// <summary>
/// What readers see of us: pages and mails in each language that has texts. Our files are in the assembly; a newsroom's folder may hold others in
/// their places. All are parsed and tried with sample models when this is made, so that a fault is told when the service starts, not when a
/// reader comes. Whoever writes the newsroom's templates may err but is no attacker; readers' input is one, and reaches templates only as
/// values, which are encoded.
/// </summary>
internal sealed partial class NewsletterTemplates
{
    private static readonly string[] DigestParts = ["digest-head", "digest-section", "digest-foot"];

    private const string PageLayout = "page", MailLayout = "mail", English = "en";
    private const int MaxSteps = 50_000, MaxRecursion = 20, MaxOutput = 1024 * 1024;

    // What templates need and no more: "raw" would let a reader's input through as markup, and so would "split", whose pieces are written as they are.
    private static readonly FrozenSet<string> Filters = FrozenSet.Create(
        StringComparer.Ordinal, "append", "at_least", "at_most", "capitalize", "default", "divided_by", "downcase", "first", "last", "minus", "plus",
        "prepend", "replace", "round", "size", "strip", "times", "truncate", "upcase");

    // Arabic and accents stay as they are: encoded they would be six times as long, and mails are cut at 102 KB.
    private static readonly HtmlEncoder Html = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly TemplateOptions options = new() { StrictFilters = true, MaxSteps = MaxSteps, MaxRecursion = MaxRecursion, TimeZone = TimeZoneInfo.Utc };
    private readonly Dictionary<string, Template> templates;
    private readonly Dictionary<string, Tongue> tongues;
    private readonly HashSet<string> theirs;

    /// <summary>Reads, parses and tries everything.</summary>
    /// <param name="folder">Files that take the places of ours.</param>
    /// <exception cref="TemplateException">Something is wrong with a file.</exception>
    public NewsletterTemplates(string? folder = null)
    {
        foreach (var (name, filter) in options.Filters.ToList())
            if (Filters.Contains(name)) options.Filters.AddFilter(name, (input, arguments, context) => Encoded(filter(input, arguments, context)));
            else options.Filters.Remove(name);
        options.Filters.AddFilter("with", With);
        options.Filters.AddFilter("long_date", (input, _, context) => input.ToObjectValue() is DateTimeOffset date
            ? new StringValue(date.ToString("D", context.CultureInfo))
            : throw new UnknownNameException("long_date", "long_date takes a date"));
        options.ValueConverters.Add(value => value switch
        {
            TemplateModel model => new ModelValue(model),
            DateOnly day => new DateTimeValue(new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero)),
            _ => null,
        });

        var files = new TemplateFiles(folder);
        var parser = new FluidParser();
        foreach (var tag in (string[])["include", "render", "from"]) parser.RegisteredTags.Remove(tag);
        templates = files.Templates.ToDictionary(f => f.Key, f => Parse(parser, f.Key, f.Value), StringComparer.Ordinal);

        theirs = files.Theirs;
        tongues = files.Texts.Keys.ToDictionary(tag => tag, tag => new Tongue(tag, files.Texts), StringComparer.OrdinalIgnoreCase);
        PageStyleHash = Try();
    }

    /// <summary>The tags of the languages that have texts.</summary>
    public IReadOnlyList<string> Languages => [.. tongues.Values.Select(t => t.Tag).Order(StringComparer.Ordinal)];

    /// <summary>Every template, layouts too, by name.</summary>
    public IReadOnlyList<TemplateSummary> Summaries =>
        [.. templates.Values.OrderBy(t => t.Name, StringComparer.Ordinal).Select(t => new TemplateSummary(t.Name, KindOf(t.Name), t.File.IsTheirs, KindOf(t.Name) == TemplateKind.Layout ? 0 : TemplateSamples.Of(t.Name).Count))];

    /// <summary>Whether the newsroom has texts of one of <see cref="Languages"/>.</summary>
    public bool HasTextsOfTheirs(string language) => theirs.Contains(language);

    /// <summary>What <see cref="Render"/> and <see cref="Preview"/> take: file names without <c>.liquid</c>, layouts left out.</summary>
    public IReadOnlyList<string> Names => [.. templates.Keys.Where(n => n is not (PageLayout or MailLayout)).Order(StringComparer.Ordinal)];

    /// <summary>For the <c>style-src</c> of pages' Content-Security-Policy: the hash of the one style they all carry.</summary>
    public string PageStyleHash { get; }

    /// <summary>The language to speak: the wanted one, a wider one of it, the fallback, English.</summary>
    public string LanguageFor(string? wanted, string fallback) => Nearest(wanted) ?? Nearest(fallback) ?? English;

    /// <summary>Whether the language, or a wider one of it, has texts.</summary>
    public bool Speaks(string language) => Nearest(language) is not null;

    /// <summary>Fills a template; a page or a mail about the subscription comes inside its layout.</summary>
    /// <param name="template">Such as <c>confirm.html</c>.</param>
    /// <param name="language">One of <see cref="Languages"/>, or one near it.</param>
    /// <param name="model">The template's own kind of model.</param>
    /// <exception cref="TemplateException">The template does not end, writes too much or reads what there is not.</exception>
    public string Render(string template, string language, TemplateModel model)
    {
        var chosen = templates[template];
        if (model.GetType() != TemplateSamples.Of(template)[0].GetType()) throw new ArgumentException($"{template} takes no {model.GetType().Name}.", nameof(model));
        var tongue = tongues[LanguageFor(language, English)];
        var context = new TemplateContext(model, options, allowModelMembers: false) { CultureInfo = tongue.Culture };
        context.SetValue("t", tongue.Texts);
        context.SetValue("lang", tongue.Tag);
        context.SetValue("dir", tongue.Culture.TextInfo.IsRightToLeft ? "rtl" : "ltr");
        context.SetValue("start", tongue.Culture.TextInfo.IsRightToLeft ? "right" : "left");

        var output = Run(chosen, context);
        var layout = !chosen.IsHtml ? null : model is PageModel ? PageLayout : model is MailModel ? MailLayout : null;
        if (layout is null) return template.EndsWith(".subject", StringComparison.Ordinal) ? OneLine(output) : output;
        context.SetValue("content", new StringValue(output, encode: false)); // it went through the encoder just now
        return Run(templates[layout], context, chosen);
    }

    /// <summary>A template filled with sample values. A part of the digest comes in a whole one, since alone it is no document.</summary>
    /// <param name="template">One of <see cref="Names"/>.</param>
    /// <param name="language">One of <see cref="Languages"/>, or one near it.</param>
    /// <param name="sample">Which, from 1; of the other parts the first.</param>
    public string Preview(string template, string language, int sample = 1)
    {
        var form = template[(template.LastIndexOf('.') + 1)..];
        return KindOf(template) != TemplateKind.Digest || form == "subject" ? Sample(template)
            : string.Concat(DigestParts.Select(part => $"{part}.{form}").Select(part => part == template ? Sample(part) : Render(part, language, TemplateSamples.Of(part)[0])));
        string Sample(string name) => Render(name, language, TemplateSamples.Of(name)[sample - 1]);
    }

    private static TemplateKind KindOf(string template) =>
        template is PageLayout or MailLayout ? TemplateKind.Layout : TemplateSamples.Of(template)[0] is PageModel ? TemplateKind.Page : TemplateSamples.Of(template)[0] is MailModel ? TemplateKind.Mail : TemplateKind.Digest;

    private string? Nearest(string? tag)
    {
        for (; !string.IsNullOrEmpty(tag); tag = tag.LastIndexOf('-') is > 0 and var cut ? tag[..cut] : null)
            if (tongues.TryGetValue(tag, out var tongue)) return tongue.Tag;
        return null;
    }

    private static Template Parse(FluidParser parser, string name, TemplateFile file)
    {
        if (!parser.TryParse(file.Content, out var parsed, out var error))
        {
            var place = Place().Match(error);
            throw new TemplateException(place.Success
                ? $"{file.Origin}, line {place.Groups[1].Value}: {error[..place.Index]}."
                : $"{file.Origin}: {error.Split('\n')[0]}");
        }

        var template = new Template(name, file, parsed);
        // A range is made whole before the loop counts its first step: (1..1000000000) would take the machine's memory.
        if (new RangeFinder().Finds(parsed)) throw new TemplateException($"{file.Origin}: a range such as (1..3) is not for templates.");
        return template;
    }

    private static string Run(Template template, TemplateContext context, Template? inside = null)
    {
        var around = inside is null ? "" : $", around {inside.File.Origin}";
        try
        {
            using var output = new BoundedWriter(MaxOutput);
            var done = template.Parsed.RenderAsync(output, template.IsHtml ? Html : NullEncoder.Default, context);
            if (!done.IsCompletedSuccessfully) done.AsTask().GetAwaiter().GetResult(); // nothing in it waits; this throws what went wrong
            return output.ToString();
        }
        catch (UnknownNameException fault)
        {
            throw new TemplateException($"{template.At(fault.Name)}{around}: {fault.Message}.", fault);
        }
        catch (InvalidOperationException fault) // Fluid's words speak of includes, which there are none of
        {
            throw new TemplateException($"{template.File.Origin}{around}: it takes more than {MaxSteps} steps.", fault);
        }
        catch (Exception fault) when (fault is FluidException or IOException or ArithmeticException or FormatException or ArgumentException or InvalidCastException)
        {
            throw new TemplateException($"{template.File.Origin}{around}: {fault.Message}", fault);
        }
    }

    // Each with each sample in each language. All pages must carry the very style that the policy allows.
    private string Try()
    {
        string? style = null;
        foreach (var name in Names)
            foreach (var model in TemplateSamples.Of(name))
                foreach (var language in Languages)
                {
                    var output = Render(name, language, model);
                    if (model is not PageModel) continue;
                    var found = Style().Matches(output) is [var only] && !Active().IsMatch(output) ? only.Groups[1].Value : null;
                    if (found is null || found != (style ??= found))
                        throw new TemplateException($"{templates[name].File.Origin} in {templates[PageLayout].File.Origin}: "
                            + "a page has one style element, the same on all pages, and no script, style attribute or other style.");
                }

        return $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style ?? "")))}'";
    }

    // Fluid takes what is appended to a captured, encoded text for encoded too. So nothing that a filter gives is: better twice than not at all.
    private static async ValueTask<FluidValue> Encoded(ValueTask<FluidValue> filtered) =>
        await filtered is var value && value is StringValue ? new StringValue(value.ToStringValue()) : value;

    // {{ t.confirm_text | with: site: site.name }}: the text is plain, so what it becomes is encoded as a whole where it is written.
    private static ValueTask<FluidValue> With(FluidValue input, FilterArguments arguments, TemplateContext context) => new StringValue(
        Placeholder().Replace(input.ToStringValue(), hole => arguments.HasNamed(hole.Groups[1].Value)
            ? arguments[hole.Groups[1].Value].ToStringValue()
            : throw new UnknownNameException(hole.Groups[1].Value, $"the text \"{input.ToStringValue()}\" asks for {hole.Value}, which the template does not give")));

    // A header has one line. Spaces that do not break stay.
    private static string OneLine(string text) => string.Join(' ', text.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));

    [GeneratedRegex(@" at \((\d+):\d+\)")]
    private static partial Regex Place();

    [GeneratedRegex("<style>(.*?)</style>", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Style();

    [GeneratedRegex("""<script|<style\s|<link|<[^>]*\s(style|on[a-z]+)\s*=""", RegexOptions.IgnoreCase)]
    private static partial Regex Active();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();

    private sealed record Template(string Name, TemplateFile File, IFluidTemplate Parsed)
    {
        // Layouts are HTML without saying so.
        public bool IsHtml => Name.EndsWith(".html", StringComparison.Ordinal) || !Name.Contains('.', StringComparison.Ordinal);

        // Fluid tells no line of what it runs, so the first that has the name.
        public string At(string name) => Array.FindIndex(File.Content.Split('\n'), line => Regex.IsMatch(line, $@"\b{Regex.Escape(name)}\b")) is >= 0 and var line
            ? $"{File.Origin}, line {line + 1}"
            : File.Origin;
    }

    /// <summary>A language that has texts: what it lacks comes from the wider language, then from English.</summary>
    private sealed class Tongue(string tag, IReadOnlyDictionary<string, Dictionary<string, string>> all)
    {
        public string Tag => tag;

        public TextsValue Texts { get; } = new(((string[])[English, tag.Split('-')[0], tag]).Where(all.ContainsKey).SelectMany(t => all[t])
            .Aggregate(new Dictionary<string, string>(StringComparer.Ordinal), (texts, text) =>
            {
                texts[text.Key] = text.Value;
                return texts;
            }));

        public CultureInfo Culture { get; } = Gregorian(tag);

        // News is dated by the Gregorian calendar, in Riyadh and Bangkok too.
        private static CultureInfo Gregorian(string tag)
        {
            var culture = (CultureInfo)CultureInfo.GetCultureInfo(tag).Clone();
            culture.DateTimeFormat.Calendar = culture.OptionalCalendars.OfType<GregorianCalendar>().First();
            return culture;
        }
    }

    private sealed class RangeFinder : AstVisitor
    {
        private bool found;

        public bool Finds(IFluidTemplate template)
        {
            VisitTemplate(template);
            return found;
        }

        protected override Expression VisitRangeExpression(RangeExpression rangeExpression)
        {
            found = true;
            return rangeExpression;
        }
    }

    private sealed class BoundedWriter(int most) : StringWriter(CultureInfo.InvariantCulture)
    {
        public override void Write(char value)
        {
            Count(1);
            base.Write(value);
        }

        public override void Write(char[] buffer, int index, int count)
        {
            Count(count);
            base.Write(buffer, index, count);
        }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            Count(buffer.Length);
            base.Write(buffer);
        }

        public override void Write(string? value)
        {
            Count(value?.Length ?? 0);
            base.Write(value);
        }

        private void Count(int more)
        {
            if (GetStringBuilder().Length + more > most) throw new IOException($"it writes more than {most} characters.");
        }
    }
}
