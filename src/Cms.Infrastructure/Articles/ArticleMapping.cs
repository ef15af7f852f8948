using Cms.Domain.Articles;
using Cms.Domain.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using NpgsqlTypes;

namespace Cms.Infrastructure.Articles;

internal sealed class ArticleMapping : IEntityTypeConfiguration<Article>
{
    /// <summary>Words of kicker and headline, for <c>q</c>.</summary>
    public const string Search = "Search";

    public void Configure(EntityTypeBuilder<Article> article)
    {
        article.Property(a => a.Id).ValueGeneratedNever();
        article.Property(a => a.Slug).HasMaxLength(Slug.MaxLength).HasConversion(s => s.Value, v => Slug.Parse(v));
        article.Property(a => a.SlugGiven);
        article.Property(a => a.TranslationOf);
        article.Property(a => a.TranslationGroup);
        article.Property(a => a.ExternalId).HasMaxLength(Article.ExternalIdMaxLength);
        article.Property(a => a.Status).HasConversion(s => Name(s), s => Parse(s)).HasMaxLength(20);
        article.Property(a => a.WordCount);
        article.Property(a => a.DraftFingerprint);
        article.Property(a => a.PublishedFingerprint);
        article.Property(a => a.CreatedAt);
        article.Property(a => a.UpdatedAt);
        article.Property(a => a.CreatedBy).HasMaxLength(20);
        article.Property(a => a.Version).IsRowVersion(); // PostgreSQL's own xmin: no column, no trigger, no counter
        article.Property<NpgsqlTsVector>(Search)
            .HasComputedColumnSql("to_tsvector('simple', coalesce(draft_kicker, '') || ' ' || draft_headline)", stored: true);
        article.ComplexProperty(a => a.Draft, draft =>
        {
            draft.Property(d => d.Language).HasMaxLength(LanguageTag.MaxLength);
            draft.Property(d => d.Kicker).HasMaxLength(ArticleContent.KickerMaxLength);
            draft.Property(d => d.Headline).HasMaxLength(ArticleContent.HeadlineMaxLength);
            draft.Property(d => d.Standfirst).HasMaxLength(ArticleContent.StandfirstMaxLength);
            draft.Property(d => d.SectionId);
            draft.Property(d => d.OtherSectionIds).Ids();
            draft.Property(d => d.TagIds).Ids();
            draft.Property(d => d.Credits).Json();
            draft.Property(d => d.Sources).Json();
            draft.Property(d => d.LeadImage).Json();
            draft.Property(d => d.RelatedIds).Ids();
            draft.Property(d => d.Corrections).Json();
            draft.Property(d => d.Extra).Json();
            draft.Property(d => d.Body).Json();
            draft.Property(d => d.Share).Json();
            draft.Property(d => d.Reuse).Json();
        });
        article.HasIndex(a => a.ExternalId).IsUnique().HasDatabaseName(Constraints.ArticleExternalId);
        article.HasIndex(a => new { a.UpdatedAt, a.Id }); // sort=updated and updatedSince
        article.HasIndex(a => new { a.Status, a.Id }); // status=
        article.HasIndex(a => a.Id).HasFilter("missing_share_image").HasDatabaseName("ix_articles_missing_share_image"); // share?missing=image
        article.HasIndex(a => a.Id, "missing_alt").HasFilter("missing_share_alt").HasDatabaseName("ix_articles_missing_share_alt");
        article.HasIndex(a => a.Id, "missing_description").HasFilter("missing_share_description")
            .HasDatabaseName("ix_articles_missing_share_description");
        article.HasIndex(Search).HasMethod("gin"); // q=
    }

    internal static string Name(ArticleStatus status) => status switch
    {
        ArticleStatus.Draft => "draft",
        ArticleStatus.Published => "published",
        _ => "withdrawn",
    };

    internal static ArticleStatus Parse(string name) => name switch
    {
        "draft" => ArticleStatus.Draft,
        "published" => ArticleStatus.Published,
        _ => ArticleStatus.Withdrawn,
    };
}

internal sealed class PublicationMapping : IEntityTypeConfiguration<Publication>
{
    public void Configure(EntityTypeBuilder<Publication> publication)
    {
        publication.HasKey(p => p.ArticleId);
        publication.Property(p => p.ArticleId).ValueGeneratedNever();
        publication.Property(p => p.Slug).HasMaxLength(Slug.MaxLength).HasConversion(s => s.Value, v => Slug.Parse(v));
        publication.Property(p => p.TranslationOf);
        publication.Property(p => p.TranslationGroup);
        publication.Property(p => p.Content).Json();
        publication.Property(p => p.WordCount);
        publication.Property(p => p.FirstPublishedAt);
        publication.Property(p => p.PublishedAt);
        publication.HasOne<Article>().WithOne().HasForeignKey<Publication>(p => p.ArticleId).OnDelete(DeleteBehavior.Cascade);
        publication.HasIndex(p => p.TranslationGroup); // the other languages of a text
    }
}

/// <summary>That an article, as a draft or as published, names something. A trigger keeps these rows, so that a foreign key can hold the rule.</summary>
internal abstract class ArticleLink
{
    public Guid ArticleId { get; init; }

    public bool Published { get; init; }
}

internal sealed class ArticleSection : ArticleLink
{
    public Guid SectionId { get; init; }
}

internal sealed class ArticleTag : ArticleLink
{
    public Guid TagId { get; init; }
}

internal sealed class ArticleAuthor : ArticleLink
{
    public Guid AuthorId { get; init; }
}

// The keys begin with what is named and whether as published, then the article's id, which sorts by creation:
// a filtered list is one range of the key.
internal sealed class ArticleLinkMapping :
    IEntityTypeConfiguration<ArticleSection>, IEntityTypeConfiguration<ArticleTag>, IEntityTypeConfiguration<ArticleAuthor>
{
    public void Configure(EntityTypeBuilder<ArticleSection> link)
    {
        link.ToTable("article_sections").HasKey(l => new { l.SectionId, l.Published, l.ArticleId });
        link.HasOne<Domain.Sections.Section>().WithMany().HasForeignKey(l => l.SectionId).OnDelete(DeleteBehavior.Restrict)
            .HasConstraintName(Constraints.ArticleSection);
        OfArticle(link);
    }

    public void Configure(EntityTypeBuilder<ArticleTag> link)
    {
        link.ToTable("article_tags").HasKey(l => new { l.TagId, l.Published, l.ArticleId });
        link.HasOne<Domain.Tags.Tag>().WithMany().HasForeignKey(l => l.TagId).OnDelete(DeleteBehavior.Restrict)
            .HasConstraintName(Constraints.ArticleTag);
        OfArticle(link);
    }

    public void Configure(EntityTypeBuilder<ArticleAuthor> link)
    {
        link.ToTable("article_authors").HasKey(l => new { l.AuthorId, l.Published, l.ArticleId });
        link.HasOne<Domain.Authors.Author>().WithMany().HasForeignKey(l => l.AuthorId).OnDelete(DeleteBehavior.Restrict)
            .HasConstraintName(Constraints.ArticleAuthor);
        OfArticle(link);
    }

    private static void OfArticle<T>(EntityTypeBuilder<T> link) where T : ArticleLink
    {
        link.HasOne<Article>().WithMany().HasForeignKey(l => l.ArticleId).OnDelete(DeleteBehavior.Cascade);
        link.HasIndex(l => l.ArticleId); // the trigger finds an article's rows
    }
}
