using Cms.Infrastructure.Delivery;

namespace Cms.Infrastructure.Search;

/// <summary>The rows by which an article is found, written with its bytes. What has the same text is left alone: a vector costs a millisecond.</summary>
internal static class SearchRows
{
    private const string Drop = "DELETE FROM delivery.search WHERE id = $1 AND fingerprint <> $2";

    private const string Vector = """
        INSERT INTO delivery.search (id, config, language, first_published_at, targets, fingerprint, vector)
        SELECT $1, $3, $4, $5, $6, $2, setweight(to_tsvector(c, $7), 'A') || setweight(to_tsvector(c, $8), 'B') || setweight(to_tsvector(c, $9), 'C')
          || setweight(to_tsvector(c, $10), 'D') || array_to_tsvector($11)
        FROM (SELECT ('delivery.' || $3)::regconfig AS c) AS stemming WHERE NOT EXISTS (SELECT FROM delivery.search WHERE id = $1)
        """;

    private const string DropNames = """
        DELETE FROM delivery.spellings n WHERE n.target = ANY ($1)
          AND NOT EXISTS (SELECT FROM unnest($1::uuid[], $2::text[], $3::text[]) u (t, w, s) WHERE u.t = n.target AND u.w = n.word AND u.s = n.spelling)
        """;

    private const string Names = """
        INSERT INTO delivery.spellings (target, word, spelling) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING
        """;

    private const string Near = """
        INSERT INTO delivery.nearness AS n (id, language, translation_group, section, tags, chosen, words) VALUES ($1, $2, $3, nullif($4, uuid '00000000-0000-0000-0000-000000000000'), $5, $6, $7)
        ON CONFLICT (id) DO UPDATE SET language = excluded.language, translation_group = excluded.translation_group, section = excluded.section,
          tags = excluded.tags, chosen = excluded.chosen, words = excluded.words
        WHERE (n.language, n.translation_group, n.section, n.tags, n.chosen, n.words)
          IS DISTINCT FROM (excluded.language, excluded.translation_group, excluded.section, excluded.tags, excluded.chosen, excluded.words)
        """;

    /// <summary>The commands, in order, with their values.</summary>
    public static IEnumerable<(string Sql, object[] Values)> Of(RenderedArticle article)
    {
        var (found, near, targets) = (article.Search, article.Search.Near, article.ListedUnder.ToArray());
        var fingerprint = found.Fingerprint(article.Language, article.FirstPublishedAt, targets);
        yield return (Drop, [article.Id, fingerprint]);
        yield return (Vector, [article.Id, fingerprint, found.Config, article.Language, article.FirstPublishedAt, targets, found.Headline, found.Standfirst, found.Names, found.Body, found.Beginnings]);
        if (found.Spellings.Count > 0)
        {
            object[] names = [found.Spellings.Select(s => s.Target).ToArray(), found.Spellings.Select(s => s.Word).ToArray(), found.Spellings.Select(s => s.Spelling).ToArray()];
            yield return (DropNames, names);
            yield return (Names, names);
        }

        yield return (Near, [article.Id, article.Language, near.TranslationGroup, near.Section ?? Guid.Empty, near.Tags, near.Chosen, near.Telling]);
    }
}
