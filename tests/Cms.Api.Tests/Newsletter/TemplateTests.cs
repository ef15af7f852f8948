using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Cms.Api.Tests.Contract;
using Cms.Infrastructure.Newsletter.Templates;

namespace Cms.Api.Tests.Newsletter;

/// <summary>What readers see of the newsletter, in each language, and what a newsroom may put in its place.</summary>
public sealed partial class TemplateTests
{
    private const string Hostile = "\"><script>alert(1)</script>";

    private static readonly NewsletterTemplates Ours = new();
    private static readonly SiteModel Site = new("L'Écho & Fils", "https://echo.example");

    /// <summary>Each page in each language.</summary>
    public static TheoryData<string, string> Pages => Matrix(n => n.EndsWith(".html", StringComparison.Ordinal) && Preview(n, "en").Contains("<main>", StringComparison.Ordinal));

    /// <summary>Each mail about the subscription in each language.</summary>
    public static TheoryData<string, string> Mails => Matrix(n => n.EndsWith(".html", StringComparison.Ordinal) && Preview(n, "en").StartsWith("<!DOCTYPE", StringComparison.Ordinal)
        && !Preview(n, "en").Contains("<main>", StringComparison.Ordinal) && !n.StartsWith("digest", StringComparison.Ordinal));

    /// <summary>Each plain text in each language.</summary>
    public static TheoryData<string, string> Texts => Matrix(n => n.EndsWith(".txt", StringComparison.Ordinal) || n.EndsWith(".subject", StringComparison.Ordinal));

    [Fact]
    public void Every_language_has_every_text_and_none_besides()
    {
        string[] languages = ["ar", "en", "fr"];
        Assert.Equal(languages, Ours.Languages);

        var files = new TemplateFiles(folder: null);
        var texts = files.Texts;
        Assert.Equal(files.UsedTexts().Order(StringComparer.Ordinal), texts["en"].Keys.Order(StringComparer.Ordinal));
        Assert.All(languages, l => Assert.Equal(texts["en"].Keys, texts[l].Keys));
        Assert.All(texts["en"], t => Assert.All(languages, l => Assert.Equal(Holes(t.Value), Holes(texts[l][t.Key]))));
        Assert.All(texts["fr"], t => Assert.DoesNotMatch("[^\u00a0][:;?!»]|«[^\u00a0]|'", t.Value.Replace("https:", "", StringComparison.Ordinal)));
        Assert.All(texts["ar"], t => Assert.DoesNotMatch("[?;,A-Za-z]", Hole().Replace(t.Value, "")));
    }

    [Fact]
    public void The_guide_names_every_template_with_its_members()
    {
        var rows = File.ReadAllLines(Path.Combine(Repository.Root, "docs", "newsletter-templates.md")).Where(l => l.StartsWith("| `", StringComparison.Ordinal)).ToList();

        Assert.All(Ours.Names, name => Assert.All(
            ModelValue.MembersOf(TemplateSamples.Of(name)[0].GetType()).Keys.Where(m => m != "site"),
            member => Assert.Contains($"`{member}`", Assert.Single(rows, r => r.Contains($"`{name}`", StringComparison.Ordinal)), StringComparison.Ordinal)));
    }

    [Theory, MemberData(nameof(Pages))]
    public void A_page_is_one_accessible_document_with_one_style_and_no_script(string name, string language) =>
        Assert.All(TemplateSamples.Of(name), model => FitForReaders(Document(Ours.Render(name, language, model)), language));

    [Theory, MemberData(nameof(Mails))]
    public void A_mail_about_the_subscription_is_one_document_for_every_mail_client(string name, string language)
    {
        var mail = Document(Preview(name, language));

        Assert.Equal((language, language == "ar" ? "rtl" : "ltr"), (mail.DocumentElement.GetAttribute("lang"), mail.DocumentElement.GetAttribute("dir")));
        FitForMail(mail);
    }

    [Theory, MemberData(nameof(Texts))]
    public void Plain_text_holds_no_markup_and_no_entities(string name, string language)
    {
        var text = Preview(name, language);

        Assert.DoesNotMatch("<|&#|&amp;|\\{\\{|\n\n\n\n", text);
        if (name.EndsWith(".subject", StringComparison.Ordinal)) Assert.DoesNotContain('\n', text);
    }

    [Fact]
    public void What_a_reader_typed_stays_text()
    {
        var html = Ours.Render("subscribe.html", "fr", Form(Hostile) with { EmailFault = Hostile, Fault = Hostile, Suggestion = Hostile, TextVersion = Hostile });
        var page = Document(html);

        Assert.Empty(page.QuerySelectorAll("script"));
        Assert.Equal(Hostile, page.QuerySelector("#email")!.GetAttribute("value"));
        Assert.Equal(Hostile, page.QuerySelector("button[name=suggested]")!.GetAttribute("value"));
        Assert.DoesNotContain(Hostile, page.QuerySelector(".why")!.TextContent, StringComparison.Ordinal); // a fault is told by a code
        Assert.Contains("L’actualité de L'Écho & Fils", page.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void No_filter_lets_what_a_reader_typed_become_markup()
    {
        string[] filters =
        [
            "append: email", "prepend: email", "at_least: 1", "capitalize", "default: email", "downcase", "first", "last", "plus: email", "replace: 'a', email",
            "size", "strip", "truncate: 9", "truncate: 20, email", "upcase", "with: x: email",
        ];
        string[] inputs = ["email", "t.subscribe_button", "all", "sections", "sections[0].name"];
        using var folder = new Folder();
        folder.Write("subscribe.html.liquid", "{% assign title = 'x' %}{% capture all %}{{ email }}{% endcapture %}{% assign joined = all | append: email %}{{ joined }}{{ all }}{{ site }}{{ sections }}{{ t }}"
            + string.Concat(inputs.SelectMany(i => filters.Select(f => $"{{{{ {i} | {f} }}}}"))));
        var form = Form("<img src=x a>" + Hostile) with { Sections = [new("s1", Hostile, true)] };

        Assert.Empty(Document(new NewsletterTemplates(folder.Path).Render("subscribe.html", "en", form)).QuerySelectorAll("main > :not(h1)"));
    }

    [Fact]
    public void The_form_offers_what_was_meant_and_Enter_still_sends_what_was_typed()
    {
        var plain = Document(Ours.Render("subscribe.html", "en", Form("lea@gmail.com")));
        Assert.Empty(plain.QuerySelectorAll("[name=suggested], [name=asTyped]"));
        Assert.Equal(["email", "website", "frequency", "frequency", "sectionIds", "sectionIds", "sectionIds", "language", "textVersion"], plain.QuerySelectorAll("form [name]").Select(e => e.GetAttribute("name")));
        Assert.Equal(("daily", "s1", "en"), (
            plain.QuerySelector("[name=frequency][checked]")!.GetAttribute("value"), plain.QuerySelector("[name=sectionIds][checked]")!.GetAttribute("value"),
            plain.QuerySelector("option[selected]")!.GetAttribute("value")));
        Assert.Equal(("-1", "off", "true"), (
            plain.QuerySelector("#website")!.GetAttribute("tabindex"), plain.QuerySelector("#website")!.GetAttribute("autocomplete"),
            plain.QuerySelector("#website")!.ParentElement!.GetAttribute("aria-hidden")));

        var asked = Document(Ours.Render("subscribe.html", "en", Form("lea@gmial.com") with { Suggestion = "lea@gmail.com" }));
        Assert.Equal([null, "suggested", "asTyped", null], asked.QuerySelectorAll("form button").Select(b => b.GetAttribute("name")));
        Assert.Contains("Did you mean lea@gmail.com?", asked.QuerySelector(".note")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Preferences_are_forms_that_say_which_one_was_sent()
    {
        var page = Document(Ours.Preview("preferences.html", "en"));

        Assert.Equal(["save", "pause", "change-address", "leave", "data", "erase"], page.QuerySelectorAll("form > [name=act]").Select(e => e.GetAttribute("value")));
        Assert.Equal(["newEmail", "sure"], page.QuerySelectorAll("[name=newEmail], [name=sure]").Select(e => e.GetAttribute("name")));
        Assert.Contains("Friday, March 6, 2026", page.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
    }

    [Theory, InlineData("en"), InlineData("fr"), InlineData("ar")]
    public void A_digest_of_forty_articles_is_one_mail_of_less_than_what_Gmail_cuts(string language)
    {
        var words = language == "ar" ? "عادت الأسماك إلى النهر بعد عشر سنوات من إغلاق آخر مصنع على ضفافه " : "Ten years after the last mill closed, fish swim in the river again ";
        var articles = Enumerable.Range(0, 8).Select(i => new DigestArticle(
            words, "Environment", $"https://echo.example/environment/the-river-that-came-back-{i}", string.Concat(Enumerable.Repeat(words, 3)),
            new($"https://echo.example/media/0198c0de-0000-7000-8000-00000000000{i}/wide.jpg", "A bridge", 1200, 800), "Anne Roux", 7, i == 0 ? words : null, "de")).ToList(); // none of them, which is the longest
        var html = string.Concat([
            Ours.Render("digest-head.html", language, new DigestHead(Site, words, words, new(2026, 3, 6), "daily")),
            .. Enumerable.Range(0, 5).Select(_ => Ours.Render("digest-section.html", language, new DigestSection(new("Environment", "https://echo.example/environment"), articles))),
            Ours.Render("digest-foot.html", language, new DigestFoot(Site, "https://cms.example/u/1", "https://cms.example/p/1", "1 Quay Street"))]);
        var mail = Document(html);

        Assert.InRange(Encoding.UTF8.GetByteCount(html), 1, 100 * 1024);
        Assert.Equal(40, mail.QuerySelectorAll("h3 a").Length);
        Assert.All(mail.QuerySelectorAll("a > img"), i => Assert.Equal("soft", i.ParentElement!.ClassName)); // blocked pictures leave their words, to be read on dark ground too
        Assert.Equal(["https://cms.example/p/1", "https://cms.example/u/1"], mail.QuerySelectorAll("a.link").Select(a => a.GetAttribute("href")));
        Assert.All(mail.QuerySelectorAll("td > h2, td > h3"), h => Assert.Equal(language == "ar" ? ("rtl", "right") : ("ltr", "left"), (h.ParentElement!.GetAttribute("dir"), h.ParentElement.GetAttribute("align"))));
        FitForMail(mail);
    }

    [Theory, InlineData("ar", "fr", "fr"), InlineData("fr", "ar", "ar"), InlineData("fr", "fr", null)]
    public void A_text_in_another_language_than_the_mails_says_so_and_has_its_own_direction(string mail, string text, string? said)
    {
        var article = new DigestArticle("Headline", "Kicker", "https://echo.example/a", "Standfirst", null, "Anne", 3, "It was Tuesday.", text);
        var part = Document($"<!DOCTYPE html><title>Digest</title><table>{Ours.Render("digest-section.html", mail, new DigestSection(new("World", null), [article]))}</table>");

        string[] own = ["Kicker", "Headline", "Standfirst"];
        Assert.All(part.QuerySelectorAll("p, h3").Where(e => own.Contains(e.TextContent)), e => Assert.Equal(("auto", said), (e.GetAttribute("dir"), e.GetAttribute("lang"))));
        Assert.Equal(3, part.QuerySelectorAll("[dir=auto]").Length);
        Assert.Equal(["Anne", "It was Tuesday."], part.QuerySelectorAll("bdi").Select(e => e.TextContent));
    }

    [Fact]
    public void The_digests_text_can_be_read()
    {
        var article = new DigestArticle("Headline", "Kicker", "https://echo.example/a", "Standfirst", null, "Anne", 3, "It was Tuesday.", "en");
        var text = string.Concat(
            Ours.Render("digest-head.txt", "en", new DigestHead(Site, "S", "Good morning", new(2026, 3, 6), "weekly")),
            Ours.Render("digest-section.txt", "en", new DigestSection(new("World", null), [article, new("Second", null, "https://echo.example/b", null, null, null, null, null, "en")])),
            Ours.Render("digest-section.txt", "en", new DigestSection(new("Arts", null), [article with { Byline = null }])),
            Ours.Render("digest-foot.txt", "en", new DigestFoot(Site, "https://cms.example/u", "https://cms.example/p", null)));

        Assert.Equal("""
            L'Écho & Fils
            The week · Friday, March 6, 2026

            Good morning

            * World *

            Kicker
            Headline
            https://echo.example/a
            Standfirst
            Anne · 3 min read
            Correction: It was Tuesday.

            Second
            https://echo.example/b

            * Arts *

            Kicker
            Headline
            https://echo.example/a
            Standfirst
            3 min read
            Correction: It was Tuesday.

            --
            You get this mail because you subscribed to the newsletter of L'Écho & Fils.

            Change what you get
            https://cms.example/p

            Unsubscribe
            https://cms.example/u

            """, text);
    }

    [Theory, InlineData("en", "Friday, March 6, 2026"), InlineData("fr", "vendredi 6 mars 2026"), InlineData("ar", "الجمعة، 6 مارس 2026")]
    public void A_date_is_written_as_the_language_does(string language, string date) =>
        Assert.Contains(date, Ours.Render("digest-head.txt", language, new DigestHead(Site, "S", null, new(2026, 3, 6), "daily")), StringComparison.Ordinal);

    [Fact]
    public void A_subject_is_one_line_whatever_the_headline_holds() => Assert.Equal(
        "La semaine\u00a0: Un titre Bcc: x@y.example",
        Ours.Render("digest.subject", "fr", new DigestSubject(Site, "Un titre\r\nBcc: x@y.example", new(2026, 3, 6), "weekly")));

    [Theory]
    [InlineData("fr", "en", "fr"), InlineData("fr-CA", "en", "fr"), InlineData("AR", "en", "ar"), InlineData("nl", "fr-BE", "fr"), InlineData("nl", "de", "en"), InlineData(null, "ar", "ar"), InlineData("", "", "en")]
    public void The_nearest_language_is_spoken(string? wanted, string fallback, string spoken) => Assert.Equal(spoken, Ours.LanguageFor(wanted, fallback));

    [Fact]
    public void A_newsrooms_files_take_the_places_of_ours()
    {
        using var folder = new Folder();
        folder.Write("left.html.liquid", "{% assign title = t.left_title %}<p>Bye, {{ site.name }}</p>");
        folder.Write("texts.fr.json", """{ "left_title": "À bientôt" }""");
        folder.Write("texts.de.json", """{ "left_title": "Abgemeldet" }""");
        folder.Write(".DS_Store", "x");
        var theirs = new NewsletterTemplates(folder.Path);

        Assert.Equal(["ar", "de", "en", "fr"], theirs.Languages);
        Assert.Equal(("À bientôt", "Bye, The Lantern"), (Document(theirs.Preview("left.html", "fr")).QuerySelector("h1")!.TextContent, Document(theirs.Preview("left.html", "fr")).QuerySelector("main p")!.TextContent));
        Assert.Equal("Abgemeldet", Document(theirs.Preview("left.html", "de-AT")).QuerySelector("h1")!.TextContent);
        Assert.Equal("Your data is erased", Document(theirs.Preview("erased.html", "de")).QuerySelector("h1")!.TextContent);
        Assert.Equal(Ours.PageStyleHash, theirs.PageStyleHash);
    }

    [Fact]
    public void A_newsrooms_own_style_is_the_one_the_policy_allows()
    {
        using var folder = new Folder();
        folder.Write("page.liquid", "<!DOCTYPE html>\r\n<title>{{ title }}</title>\r\n<style>\r\nbody { color: red }\r\n</style>\r\n{{ content }}");
        var theirs = new NewsletterTemplates(folder.Path);

        Assert.Equal(Hash("\nbody { color: red }\n"), theirs.PageStyleHash);
        Assert.Equal(theirs.PageStyleHash, Hash(Document(theirs.Preview("left.html", "ar")).QuerySelector("style")!.TextContent));
    }

    [Theory]
    [InlineData("left.html.liquid", "<p>\n{% if %}", "line 2", "Invalid 'if' tag")]
    [InlineData("left.html.liquid", "<p>\n\n{{ site.nmae }}", "line 3", "'nmae' is unknown here, where there are name, url")]
    [InlineData("left.html.liquid", "{% if sbscribe_link %}{% endif %}", "line 1", "'sbscribe_link' is unknown")]
    [InlineData("left.html.liquid", "<p>{{ t.lft_title }}", "line 1", "no file of texts has 'lft_title'")]
    [InlineData("left.html.liquid", "<p>{{ t.left_text }}", "page.liquid", "'title' is unknown")]
    [InlineData("left.html.liquid", "{{ t.left_text | with: name: site.name }}", "line 1", "asks for {site}")]
    [InlineData("left.html.liquid", "{{ site.name | long_date }}", "line 1", "long_date takes a date")]
    [InlineData("left.html.liquid", "{{ site | plus: 1 }}", "Unable to cast")]
    [InlineData("left.html.liquid", "{{ site.name | raw }}", "Undefined filter 'raw'")]
    [InlineData("left.html.liquid", "{% include 'page' %}", "line 1", "Unknown tag 'include'")]
    [InlineData("left.html.liquid", "{% for i in (1..1000000000) %}x{% endfor %}", "a range such as (1..3) is not for templates")]
    [InlineData("left.html.liquid", "{% assign title = 'x' %}<script>alert(1)</script>", "no script")]
    [InlineData("left.html.liquid", "{% assign title = 'x' %}<p style='color:red'>", "no script, style attribute")]
    [InlineData("page.liquid", "<title>{{ title }}</title>{{ content }}", "one style element")]
    [InlineData("page.liquid", "<style>{{ lang }}</style>{{ title }}{{ content }}", "the same on all pages")]
    [InlineData("lfet.html.liquid", "<p>", "no template has this name; there are address-change.html.liquid")]
    [InlineData("notes.md", "x", "no template has this name")]
    [InlineData("texts.fr.json", "{\n\"left_title\": }", "line 2", "not one JSON object of texts")]
    [InlineData("texts.fr.json", """{ "left_title": null }""", "'left_title' has no text")]
    [InlineData("texts.fr.json", """{ "left_titel": "x" }""", "the English texts have no 'left_titel'")]
    [InlineData("texts.en.json", """{ "left_titel": "x" }""", "no template uses 'left_titel'")]
    [InlineData("texts.fr.json", """{ "left_text": "x {nom}" }""", "asks for {nom}")]
    [InlineData("texts.xx-nowhere.json", "{}", "'xx-nowhere' is no language")]
    public void A_fault_is_told_at_once_with_its_file(string file, string content, params string[] told)
    {
        using var folder = new Folder();
        folder.Write(file, content);

        var fault = Assert.Throws<TemplateException>(() => new NewsletterTemplates(folder.Path));
        Assert.All(told, t => Assert.Contains(t, fault.Message, StringComparison.Ordinal));
        if (!file.StartsWith("texts.", StringComparison.Ordinal) || !told[0].StartsWith("asks", StringComparison.Ordinal)) Assert.Contains(file, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_that_hardly_ends_is_cut()
    {
        using var folder = new Folder();
        var loops = string.Concat(Enumerable.Range(0, 20).Select(i => $"{{% for a{i} in sections %}}"));
        folder.Write("preferences.html.liquid", $"{{% assign title = 'x' %}}{loops}x{string.Concat(Enumerable.Repeat("{% endfor %}", 20))}");
        Assert.Contains("it takes more than 50000 steps", Assert.Throws<TemplateException>(() => new NewsletterTemplates(folder.Path)).Message, StringComparison.Ordinal);

        folder.Write("preferences.html.liquid", $"{{% assign title = 'x' %}}{string.Concat(Enumerable.Repeat("{% for s in sections %}", 4))}{new string('x', 20_000)}{string.Concat(Enumerable.Repeat("{% endfor %}", 4))}");
        Assert.Contains("it writes more than", Assert.Throws<TemplateException>(() => new NewsletterTemplates(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_a_fault() =>
        Assert.Contains("does not exist", Assert.Throws<TemplateException>(() => new NewsletterTemplates("/no/such/folder")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_template_takes_its_own_model_only() => Assert.Throws<ArgumentException>(() => Ours.Render("left.html", "en", new PlainPage(Site)));

    private static SubscribePage Form(string email) => new(
        Site, "subscribe", email, null, null, [new("s1", "A", true), new("s2", "B", false)], "daily", [new("fr", "français", false), new("en", "English", true)], "en", null, "2026-01", false);

    private static void FitForReaders(IHtmlDocument page, string language)
    {
        Assert.Equal((language, language == "ar" ? "rtl" : "ltr"), (page.DocumentElement.GetAttribute("lang"), page.DocumentElement.GetAttribute("dir")));
        Assert.Single(page.QuerySelectorAll("main"));
        Assert.Single(page.QuerySelectorAll("h1"), h => h.TextContent.Trim().Length > 0);
        Assert.NotEmpty(page.Title!.Trim());
        Assert.Equal("https://lantern.example", page.QuerySelector("header a")!.GetAttribute("href"));
        Assert.Equal(Ours.PageStyleHash, Hash(Assert.Single(page.QuerySelectorAll("style")).TextContent));
        Assert.Empty(page.QuerySelectorAll("script, link, iframe, img, [style]"));
        Assert.DoesNotContain(page.All.SelectMany(e => e.Attributes), a => a.Name.StartsWith("on", StringComparison.Ordinal));
        Assert.All(page.QuerySelectorAll("input:not([type=hidden]), select"), i => Assert.NotEmpty(((IHtmlElement)i).Closest("label") is { } around
            ? around.TextContent.Trim()
            : page.QuerySelector($"label[for={i.Id}]")!.TextContent));
        Assert.All(page.QuerySelectorAll("button"), b => Assert.NotEmpty(b.TextContent.Trim()));
        Assert.All(page.QuerySelectorAll("form"), f => Assert.Equal("post", f.GetAttribute("method")));
        Assert.All(page.QuerySelectorAll("[aria-describedby]"), e => Assert.NotNull(page.GetElementById(e.GetAttribute("aria-describedby")!)));
        Assert.Equal(page.QuerySelectorAll("[id]").Select(e => e.Id).Distinct(), page.QuerySelectorAll("[id]").Select(e => e.Id));
    }

    // Tables for layout, styles in attributes, nothing that a mail client blocks or draws otherwise than the next.
    private static void FitForMail(IHtmlDocument mail)
    {
        Assert.All(mail.QuerySelectorAll("table"), t => Assert.Equal("presentation", t.GetAttribute("role")));
        Assert.All(mail.QuerySelectorAll("img"), i => Assert.NotEmpty(i.GetAttribute("alt")!));
        Assert.All(mail.QuerySelectorAll("a"), a => Assert.StartsWith("https://", a.GetAttribute("href")!, StringComparison.Ordinal));
        Assert.Empty(mail.QuerySelectorAll("script, link, form, iframe, svg, img[width='1']"));
        Assert.DoesNotMatch("flex|grid|float|position|url\\(", string.Concat(mail.QuerySelectorAll("[style]").Select(e => e.GetAttribute("style")).Append(mail.QuerySelector("style")!.TextContent)));
        Assert.NotNull(mail.QuerySelector("meta[name=color-scheme]"));
        Assert.Single(mail.QuerySelectorAll("body > table"));
    }

    // What the parser had to mend is a fault of the template.
    private static IHtmlDocument Document(string html)
    {
        var parser = new HtmlParser(new HtmlParserOptions { IsStrictMode = true });
        return parser.ParseDocument(html);
    }

    private static string Preview(string name, string language) => Ours.Preview(name, language);

    private static string Hash(string style) => $"'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)))}'";

    private static IEnumerable<string> Holes(string text) => Hole().Matches(text).Select(m => m.Value).Order(StringComparer.Ordinal);

    private static TheoryData<string, string> Matrix(Func<string, bool> fits)
    {
        var data = new TheoryData<string, string>();
        foreach (var name in Ours.Names.Where(fits))
            foreach (var language in Ours.Languages) data.Add(name, language);
        return data;
    }

    [GeneratedRegex(@"\{\w+\}")]
    private static partial Regex Hole();

    private sealed class Folder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("templates-").FullName;

        public void Write(string name, string content) => File.WriteAllText(System.IO.Path.Combine(Path, name), content);

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
