namespace Cms.Infrastructure.Newsletter.Templates;

/// <summary>Models to try templates with. The first of each shows everything it can, for previews; others have nothing that can be missing.</summary>
internal static class TemplateSamples
{
    private const string Here = "https://cms.example/newsletter/v1";

    private static readonly SiteModel Site = new("The Lantern", "https://lantern.example");
    private static readonly DateOnly Day = new(2026, 3, 6);

    private static readonly SectionChoice[] Sections = [new("s1", "International", true), new("s2", "Économie", false), new("s3", "ثقافة", true)];

    private static readonly LanguageChoice[] Languages =
        [new("fr", "français", false), new("en", "English", true), new("ar", "العربية", false)];

    private static readonly DigestArticle Article = new(
        "The river that came back", "Environment", "https://lantern.example/environment/the-river-that-came-back",
        "Ten years after the last mill closed, salmon swim through the city again. Who brought them, and who pays?",
        new("https://lantern.example/media/river.jpg", "Two people on a bridge look down at a fish ladder", 1200, 800),
        "Anne Roux and Sami Haddad", 7, "An earlier version gave the wrong length of the river.", "en");

    private static readonly Dictionary<string, TemplateModel[]> All = new(StringComparer.Ordinal)
    {
        ["subscribe"] =
        [
            new SubscribePage(Site, $"{Here}/subscribe", "lea@gmial.com", "No mail can reach this address.", "lea@gmail.com", Sections, "daily", Languages, "en", "Give one of: daily, weekly.", "2026-01", true, "eyJ9", FaultFields: "frequency", Name: "Léa"),
            new SubscribePage(Site, $"{Here}/subscribe", null, null, null, [], "weekly", [], "en", null, null, false),
            new SubscribePage(Site, $"{Here}/subscribe", null, null, null, [], "daily", [], "en", null, null, false, Elsewhere: true),
        ],
        ["check-inbox"] = [.. ((string[])["confirmation", "address-change", "manage", "data"]).Select(mail => new CheckInboxPage(Site, 48, mail))],
        ["confirm"] = [new ConfirmPage(Site, $"{Here}/confirm/k3y"), new ConfirmPage(Site, $"{Here}/confirm/k3y", AddressChange: true)],
        ["confirmed"] = [new ConfirmedPage(Site, $"{Here}/preferences/k3y"), new ConfirmedPage(Site, $"{Here}/preferences/k3y", AddressChange: true)],
        ["already-confirmed"] = [new PlainPage(Site)],
        ["link-expired"] = [new SubscribeAgainPage(Site, $"{Here}/subscribe")],
        ["link-wrong"] = [new PlainPage(Site)],
        ["preferences"] =
        [
            new PreferencesPage(Site, $"{Here}/preferences/k3y", Sections, "weekly", Languages, false, true, "l…a@gmail.com", Day, "sure", false, $"{Here}/subscribe", "sections", "lea@gmial.com", "lea@gmail.com"),
            new PreferencesPage(Site, $"{Here}/preferences/k3y", [], "daily", [], true, false, "l…a@gmail.com", Day, null, false, $"{Here}/subscribe"),
            new PreferencesPage(Site, $"{Here}/preferences/k3y", Sections, "daily", Languages, false, false, "l…a@gmail.com", Day, null, true, $"{Here}/subscribe"),
            new PreferencesPage(Site, $"{Here}/preferences/k3y", Sections, "daily", Languages, false, false, "l…a@gmail.com", Day, "disposable", false, $"{Here}/subscribe", "language", "lea@mailinator.com"),
            new PreferencesPage(Site, $"{Here}/preferences/k3y", Sections, "daily", Languages, false, false, "l…a@gmail.com", Day, "suggestion", false, $"{Here}/subscribe", null, "lea@gmial.com", "lea@gmail.com"),
        ],
        ["manage-expired"] = [new ButtonPage(Site, $"{Here}/preferences/k3y/renew")],
        ["left"] = [new SubscribeAgainPage(Site, $"{Here}/subscribe")],
        ["erased"] = [new PlainPage(Site)],
        ["unsubscribe"] = [new ButtonPage(Site, $"{Here}/unsubscribe/k3y")],
        ["refused"] = [new RefusedPage(Site, 404, "No such resource."), new RefusedPage(Site, 429, "Too many sign-ups."), new RefusedPage(Site, 503, "Try again."), new RefusedPage(Site, 400, "The form is not UTF-8.")],
        ["confirmation"] = [new ConfirmMail(Site, $"{Here}/confirm/k3y", 48)],
        ["manage"] = [new ManageMail(Site, $"{Here}/preferences/k3y", 30)],
        ["address-change"] = [new ConfirmMail(Site, $"{Here}/confirm/k3y", 48)],
        ["data"] = [new DataMail(Site)],
        ["digest"] = [new DigestSubject(Site, Article.Headline, Day, "daily"), new DigestSubject(Site, Article.Headline, Day, "weekly")],
        ["digest-head"] =
        [
            new DigestHead(Site, Article.Headline, "Good morning. Today: salmon, rents and a very long match.", Day, "daily"),
            new DigestHead(Site, Article.Headline, null, Day, "weekly"),
        ],
        ["digest-section"] =
        [
            new DigestSection(new("Environment", "https://lantern.example/environment"), [Article, Article with { Image = null, Correction = null }]),
            new DigestSection(new("Environment", null), [new(Article.Headline, null, Article.Url, null, new("https://lantern.example/media/a.jpg", null, null, null), null, null, null, "en")]),
            new DigestSection(new("Environment", null), [new(Article.Headline, null, Article.Url, null, null, null, 7, null, "en")]),
        ],
        ["digest-foot"] =
        [
            new DigestFoot(Site, $"{Here}/unsubscribe/k3y", $"{Here}/preferences/k3y", "The Lantern, 1 Quay Street, Lyon"),
            new DigestFoot(Site, $"{Here}/unsubscribe/k3y", $"{Here}/preferences/k3y", null),
        ],
    };

    /// <summary>For a template: <c>confirmation.html</c>, <c>confirmation.txt</c> and <c>confirmation.subject</c> have the same.</summary>
    public static IReadOnlyList<TemplateModel> Of(string template) => All[template.Split('.')[0]];
}
