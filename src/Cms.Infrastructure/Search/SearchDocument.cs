using System.Security.Cryptography;
using System.Text;
using Cms.Domain.Articles;
using Cms.Domain.Articles.Blocks;
using Cms.Domain.Authors;
using Cms.Domain.Tags;
using Cms.Domain.Text;

namespace Cms.Infrastructure.Search;

/// <summary>What of an article is searched, and what it is near to.</summary>
/// <param name="Config">The stemming: <see cref="Stemming"/>.</param>
/// <param name="Headline">Weight A.</param>
/// <param name="Standfirst">Kicker and standfirst; weight B.</param>
/// <param name="Names">Of tags and authors; weight C.</param>
/// <param name="Body">Weight D.</param>
/// <param name="Beginnings">Words of headline and names, folded: what is found by its beginning.</param>
/// <param name="Spellings">Words of names, by what is called so: folded, and as they are written.</param>
/// <param name="Near">What makes other articles its neighbours.</param>
internal sealed record SearchDocument(
    string Config, string Headline, string Standfirst, string Names, string Body, string[] Beginnings,
    IReadOnlyList<(Guid Target, string Word, string Spelling)> Spellings, Nearness Near)
{
    /// <summary>Characters of the body that are searched, at most: PostgreSQL refuses a vector of more than a megabyte, and keeps places of the first 16,383 words.</summary>
    public const int BodyMaxLength = 150_000;

    /// <summary>Begins a word that stands for its beginnings. No other lexeme has it: <see cref="Words.Spaced(string)"/> leaves letters and digits.</summary>
    public const char Mark = '=';

    // A release that makes other vectors of the same text counts on.
    private const string Version = "1";

    public static SearchDocument Of(Publication article, Guid? sectionId, IReadOnlyList<Tag> tags, IReadOnlyList<Author> authors)
    {
        var content = article.Content;
        string[] credited = [.. content.Credits.Where(c => c.AuthorId is null).Select(c => c.Name).OfType<string>()];
        var names = tags.Select(t => t.Name).Concat(authors.Select(a => a.Name)).Concat(credited).ToList();
        var spellings = tags.SelectMany(t => Spelled(t.Id, t.Name)).Concat(authors.SelectMany(a => Spelled(a.Id, a.Name))).DistinctBy(s => (s.Target, s.Word)).ToList();
        var beginnings = Words.Of($"{content.Kicker} {content.Headline} {string.Join(' ', names)}").Select(Folding.Fold).Distinct(StringComparer.Ordinal);
        return new(
            Stemming.Of(content.Language), Words.Spaced(content.Headline), Words.Spaced($"{content.Kicker} {content.Standfirst}"), Words.Spaced(string.Join(" . ", names)),
            Text(content.Body), [.. beginnings.Where(w => w.Length > 0).Select(w => Mark + w)], spellings, Nearness.Of(article, sectionId, tags));
    }

    /// <summary>Two documents with the same one are found by the same words, in the same lists and order.</summary>
    public byte[] Fingerprint(string language, DateTimeOffset firstPublishedAt, IEnumerable<Guid> targets) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        '\n', [Version, Config, language, $"{firstPublishedAt.UtcTicks}", Headline, Standfirst, Names, Body, .. Beginnings, .. targets.Select(t => t.ToString())])));

    private static IEnumerable<(Guid Target, string Word, string Spelling)> Spelled(Guid id, string name) => Words.Of(name).Select(w => (id, Folding.Fold(w), w));

    private static string Text(IEnumerable<Block> body)
    {
        var text = new StringBuilder();
        foreach (var part in body.SelectMany(Texts))
        {
            if (text.Length >= BodyMaxLength) break;
            text.Append(Words.Spaced(Prose.Plain(part))).Append(' ');
        }

        // Never between the halves of a pair.
        if (text.Length > BodyMaxLength) text.Length = char.IsHighSurrogate(text[BodyMaxLength - 1]) ? BodyMaxLength - 1 : BodyMaxLength;
        return text.ToString();
    }

    // "Read also" is of others, and a picture's alt is for who cannot see it: what readers read is searched.
    private static IEnumerable<string> Texts(Block block) => block switch
    {
        ParagraphBlock b => [b.Text],
        HeadingBlock b => [b.Text],
        QuoteBlock b => [b.Text, b.Cite is null ? "" : System.Net.WebUtility.HtmlEncode(b.Cite)],
        ListBlock b => b.Items,
        ImageBlock { Caption: { } caption } => [System.Net.WebUtility.HtmlEncode(caption)],
        HtmlBlock b => [b.Html],
        _ => [],
    };
}
