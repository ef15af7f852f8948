using System.Text.Json;
using Cms.Api.Http;
using Cms.Api.Management.Articles;
using Cms.Api.Management.Share;
using Cms.Domain;
using Cms.Domain.Articles;
using Cms.Domain.Authors;
using Cms.Domain.Lists;
using Cms.Domain.Sections;
using Cms.Domain.Sites;
using Cms.Domain.Text;
using Cms.Infrastructure;
using Cms.Infrastructure.Auditing;
using Cms.Infrastructure.Slugs;
using Microsoft.EntityFrameworkCore;
using Publisher = Cms.Infrastructure.Publishing.Publisher;

namespace Cms.Api.Commands;

/// <summary>Loads the sample newsroom (samples/) through the product's own rules: the same editing, the same slugs, the same publishing.</summary>
internal sealed class Seed
{
    // One transaction: a start that is killed halfway begins anew, instead of half a newsroom.
    public static async Task<int> Run(WebApplication app, TextWriter output, CancellationToken ct)
    {
        await using var scope = app.Services.CreateAsyncScope();
        var services = scope.ServiceProvider;
        services.GetRequiredService<Actor>().Operation = "seed";
        var db = services.GetRequiredService<CmsDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        await services.GetRequiredService<Publisher>().Lock(ct);
        if (await db.Sections.AnyAsync(ct) || await db.Articles.AnyAsync(ct))
            throw new CommandException("The database has sections or articles already. The sample newsroom is for an empty one.");

        var loaded = await new Seed(services).Load(Samples.Read(), ct);
        await transaction.CommitAsync(ct);
        await output.WriteLineAsync($"Loaded the sample newsroom: {loaded} articles.");
        return 0;
    }

    private readonly CmsDbContext db;
    private readonly SlugRegistry slugs;
    private readonly Publisher publisher;
    private readonly ArticleEditing editing;
    private readonly DateTimeOffset now;

    private Seed(IServiceProvider services)
    {
        db = services.GetRequiredService<CmsDbContext>();
        slugs = services.GetRequiredService<SlugRegistry>();
        publisher = services.GetRequiredService<Publisher>();
        editing = services.GetRequiredService<ArticleEditing>();
        now = services.GetRequiredService<TimeProvider>().Now();
    }

    private async Task<int> Load(Samples samples, CancellationToken ct)
    {
        var site = await db.Sites.SingleAsync(ct);
        site.Configure(samples.Site, now);
        var sections = await LoadSections(samples, ct);
        var authors = await LoadAuthors(samples, ct);
        await db.SaveChangesAsync(ct);
        await publisher.Changed([], ct);

        // Two passes: articles name each other, so all exist before any is filled.
        var articles = new Dictionary<string, Article>(StringComparer.Ordinal);
        foreach (var sample in samples.Articles)
            articles[sample.Key] = await editing.Create(new ArticleInput { Headline = sample.Headline, Kicker = sample.Kicker, Language = sample.Language }, null, ct);
        var ids = articles.ToDictionary(a => a.Key, a => a.Value.Id, StringComparer.Ordinal);
        foreach (var sample in samples.Articles)
        {
            var input = sample.ToInput(sections, authors, ids);
            if (await editing.Faults(input, articles[sample.Key], ct) is { Count: > 0 } faults)
                throw new CommandException($"samples, {sample.Key}: {string.Join("; ", faults.Select(f => $"{f.Pointer} {f.Message}"))}");
            await editing.Revise(articles[sample.Key], input, ct);
            if (sample.Share is not null) articles[sample.Key].ReviseShare(ShareCardInput.ToCard(sample.Share), now);
        }

        await db.SaveChangesAsync(ct);
        foreach (var sample in samples.Articles.OrderByDescending(a => a.PublishedMinutesAgo))
            await publisher.PublishAsOf(articles[sample.Key], now.AddMinutes(-sample.PublishedMinutesAgo), ct);
        await LoadLists(samples, sections, ids, ct);
        return articles.Count;
    }

    private async Task<Dictionary<string, Guid>> LoadSections(Samples samples, CancellationToken ct)
    {
        var ids = new Dictionary<string, Guid>(StringComparer.Ordinal);
        var opened = new List<Section>();
        foreach (var sample in samples.Sections)
        {
            var id = Guid.CreateVersion7(now);
            var slug = await slugs.Derive(SlugRegistry.Sections, id, Slug.Derive(id, sample.Name), ct);
            var section = Section.Open(id, sample.Name, slug, sample.Language, now);
            section.Place(new SectionTree(opened), sample.Parent is null ? null : ids[sample.Parent], null);
            section.Describe(sample.Name, slug, sample.Language, sample.Description, ShareCardInput.ToCard(sample.Share), now);
            opened.Add(section);
            db.Add(section);
            ids[sample.Key] = id;
        }

        return ids;
    }

    private async Task LoadLists(Samples samples, Dictionary<string, Guid> sections, Dictionary<string, Guid> articles, CancellationToken ct)
    {
        foreach (var sample in samples.Lists)
        {
            var id = Guid.CreateVersion7(now);
            var list = Domain.Lists.ArticleList.Open(id, sample.Name, await slugs.Choose(SlugRegistry.Lists, id, sample.Slug, null, sample.Name, ct), now);
            list.Arrange([.. sample.Pinned.Select(a => articles[a])], sample.Size, sample.ToTail(sections), sample.Section is null ? null : sections[sample.Section], now);
            db.Add(list);
            await db.SaveChangesAsync(ct);
            await publisher.Show(list, ct);
        }
    }

    private async Task<Dictionary<string, Guid>> LoadAuthors(Samples samples, CancellationToken ct)
    {
        var ids = new Dictionary<string, Guid>(StringComparer.Ordinal);
        foreach (var sample in samples.Authors)
        {
            var id = Guid.CreateVersion7(now);
            var slug = await slugs.Derive(SlugRegistry.Authors, id, Slug.Derive(id, sample.Name), ct);
            var author = Author.Introduce(id, sample.Name, slug, now);
            author.Describe(sample.Name, slug, sample.Bio, sample.Url, sample.Email, now);
            db.Add(author);
            ids[sample.Key] = id;
        }

        return ids;
    }
}

/// <summary>The files of samples/, read as strictly as a request.</summary>
/// <param name="Site">samples/site.json.</param>
/// <param name="Sections">samples/sections.json, parents before children.</param>
/// <param name="Authors">samples/authors.json.</param>
/// <param name="Articles">samples/articles/*.json.</param>
/// <param name="Lists">samples/lists.json.</param>
internal sealed record Samples(
    SiteSettings Site, IReadOnlyList<SampleSection> Sections, IReadOnlyList<SampleAuthor> Authors, IReadOnlyList<SampleArticle> Articles, IReadOnlyList<SampleList> Lists)
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "samples");

    public static Samples Read() => new(
        File<SiteSettings>("site.json"), File<List<SampleSection>>("sections.json"), File<List<SampleAuthor>>("authors.json"),
        [.. Directory.EnumerateFiles(Path.Combine(Folder, "articles"), "*.json").Order(StringComparer.Ordinal)
            .Select(f => File<SampleArticle>(Path.Combine("articles", Path.GetFileName(f))))], File<List<SampleList>>("lists.json"));

    private static T File<T>(string name)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(System.IO.File.ReadAllBytes(Path.Combine(Folder, name)), StrictJson.Options) ?? throw new JsonException("null");
        }
        catch (Exception e) when (e is JsonException or IOException)
        {
            throw new CommandException($"samples/{name} cannot be read: {e.Message}");
        }
    }
}

internal sealed record SampleSection(string Key, string? Parent, string Name, string? Description, string Language, ShareCardInput? Share);

internal sealed record SampleAuthor(string Key, string Name, string? Bio, string? Url, string? Email);

internal sealed record SampleList(string Name, string? Slug, IReadOnlyList<string> Pinned, int Size, SampleTail? Tail, string? Section)
{
    public ListTail? ToTail(Dictionary<string, Guid> sections) => Tail is null ? null : new(Tail.Section is null ? null : sections[Tail.Section], Tail.Language);
}

internal sealed record SampleTail(string? Section, string? Language);

/// <summary>An article that names others by their keys.</summary>
internal sealed record SampleArticle
{
    public required string Key { get; init; }

    public required string Language { get; init; }

    public string? Kicker { get; init; }

    public required string Headline { get; init; }

    public string? Standfirst { get; init; }

    public required string Section { get; init; }

    public IReadOnlyList<string> OtherSections { get; init; } = [];

    public IReadOnlyList<string> Tags { get; init; } = [];

    public IReadOnlyList<SampleCredit> Credits { get; init; } = [];

    public IReadOnlyList<SourceInput> Sources { get; init; } = [];

    public LeadImageInput? LeadImage { get; init; }

    public IReadOnlyList<string> Related { get; init; } = [];

    public string? TranslationOf { get; init; }

    public ShareCardInput? Share { get; init; }

    public int PublishedMinutesAgo { get; init; }

    public IReadOnlyList<JsonElement> Body { get; init; } = [];

    public ArticleInput ToInput(Dictionary<string, Guid> sections, Dictionary<string, Guid> authors, Dictionary<string, Guid> articles) => new()
    {
        Language = Language,
        Kicker = Kicker,
        Headline = Headline,
        Standfirst = Standfirst,
        SectionId = sections[Section],
        OtherSectionIds = [.. OtherSections.Select(s => sections[s])],
        Tags = Tags,
        Credits = [.. Credits.Select(c => new CreditInput(c.Role, c.Name, c.Author is null ? null : authors[c.Author]))],
        Sources = Sources,
        LeadImage = LeadImage,
        RelatedIds = [.. Related.Select(r => articles[r])],
        TranslationOf = TranslationOf is null ? null : articles[TranslationOf],
        Body = [.. Body.Select(b => Block(b, articles))],
    };

    // A sample's "related" block names an article by its key; all else is as an editor sends it.
    private static BlockInput Block(JsonElement block, Dictionary<string, Guid> articles) =>
        block.TryGetProperty("article", out var key)
            ? new RelatedInput(block.GetProperty("label").GetString(), articles[key.GetString() ?? ""], null, null)
            : block.Deserialize<BlockInput>(StrictJson.Options) ?? throw new JsonException("A block is null.");
}

internal sealed record SampleCredit(CreditRole Role, string? Name, string? Author);
