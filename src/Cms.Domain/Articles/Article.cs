using Cms.Domain.Text;

namespace Cms.Domain.Articles;

/// <summary>
/// What the newsroom works on. It holds the draft; readers see the <see cref="Publication"/>, which only <see cref="Publish"/> makes.
/// </summary>
public sealed class Article
{
    /// <summary>Characters of <see cref="ExternalId"/>, at most.</summary>
    public const int ExternalIdMaxLength = 200;

    // EF Core binds these parameters to the mapped properties, so no member needs "null!".
    private Article(Guid id, Slug slug, bool slugGiven, Guid translationGroup, DateTimeOffset createdAt, string? createdBy)
    {
        (Id, Slug, SlugGiven, TranslationGroup, CreatedAt, UpdatedAt, CreatedBy) = (id, slug, slugGiven, translationGroup, createdAt, createdAt, createdBy);
        Draft = new ArticleContent { Language = "", Headline = "" };
        DraftFingerprint = [];
    }

    /// <summary>UUIDv7: sorts by creation.</summary>
    public Guid Id { get; }

    /// <summary>The last part of the address that the next publication will have.</summary>
    public Slug Slug { get; private set; }

    /// <summary>An editor chose the slug; else it follows kicker and headline until the first publication.</summary>
    public bool SlugGiven { get; private set; }

    /// <summary>The article that this one translates, if any.</summary>
    public Guid? TranslationOf { get; private set; }

    /// <summary>Shared by all translations of one text; one language stands in it once.</summary>
    public Guid TranslationGroup { get; private set; }

    /// <summary>The newsroom's or wire service's own id; unique.</summary>
    public string? ExternalId { get; private set; }

    /// <summary>Where it stands.</summary>
    public ArticleStatus Status { get; private set; }

    /// <summary>What editors work on.</summary>
    public ArticleContent Draft { get; private set; }

    /// <summary>Words of the draft's body.</summary>
    public int WordCount { get; private set; }

    /// <summary>Of <see cref="Draft"/>, its slug and translations; compared with <see cref="PublishedFingerprint"/>.</summary>
    public byte[] DraftFingerprint { get; private set; }

    /// <summary>Of what was last published.</summary>
    public byte[]? PublishedFingerprint { get; private set; }

    /// <summary>UTC.</summary>
    public DateTimeOffset CreatedAt { get; }

    /// <summary>When it was last changed in any way, UTC.</summary>
    public DateTimeOffset UpdatedAt { get; private set; }

    /// <summary>When readers first saw it, UTC; set once; orders delivery.</summary>
    public DateTimeOffset? FirstPublishedAt { get; private set; }

    /// <summary>When it was last published, UTC.</summary>
    public DateTimeOffset? PublishedAt { get; private set; }

    /// <summary>The token that made it.</summary>
    public string? CreatedBy { get; }

    /// <summary>Neither a picture of its own nor a share image: networks show the section's or none.</summary>
    public bool MissingShareImage { get; private set; }

    /// <summary>The picture that networks would show has no alt text.</summary>
    public bool MissingShareAlt { get; private set; }

    /// <summary>Neither a standfirst nor a share description.</summary>
    public bool MissingShareDescription { get; private set; }

    /// <summary>Changes with every stored change; what <c>ETag</c> and <c>If-Match</c> compare.</summary>
    public uint Version { get; }

    /// <summary>The draft differs from what readers see.</summary>
    public bool HasUnpublishedChanges => Status == ArticleStatus.Published
        && !DraftFingerprint.AsSpan().SequenceEqual(PublishedFingerprint);

    /// <summary>A new draft.</summary>
    /// <param name="slug">Free among all articles; the database has the last word.</param>
    /// <param name="slugGiven">An editor chose it.</param>
    /// <param name="createdBy">The token.</param>
    /// <param name="id">UUIDv7 of <paramref name="now"/>, made by the caller, who may need it for the slug.</param>
    /// <param name="now">UTC.</param>
    public static Article Create(Guid id, Slug slug, bool slugGiven, string? createdBy, DateTimeOffset now) =>
        new(id, slug, slugGiven, id, now, createdBy);

    /// <summary>Says which text it translates, and the group of that text's translations; none: a group of its own.</summary>
    public void Translate((Guid Original, Guid Group)? text) => (TranslationOf, TranslationGroup) = (text?.Original, text?.Group ?? Id);

    /// <summary>Replaces the draft. Readers see nothing of it.</summary>
    public void Revise(ArticleContent draft, Slug slug, bool slugGiven, string? externalId, int wordCount, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(draft);
        (Slug, SlugGiven, ExternalId) = (slug, slugGiven, externalId);
        SetDraft(draft, wordCount, now);
    }

    /// <summary>Replaces what networks show of the draft.</summary>
    public void ReviseShare(Sharing.ShareCard share, DateTimeOffset now) => SetDraft(Draft with { Share = share }, WordCount, now);

    /// <summary>Makes the draft what readers see.</summary>
    /// <returns>False when readers see it already: nothing changes then.</returns>
    /// <exception cref="RuleBrokenException"><c>not-ready</c>: something is missing.</exception>
    public bool Publish(DateTimeOffset now)
    {
        var next = Workflow.Next(Status, ArticleAction.Publish);
        if (Readiness.Missing(Draft) is { Count: > 0 } missing)
            throw new RuleBrokenException("not-ready", $"Missing before it can be published: {string.Join(", ", missing)}.");
        if (Status == ArticleStatus.Published && !HasUnpublishedChanges) return false;

        (Status, PublishedAt, UpdatedAt, PublishedFingerprint) = (next, now, now, DraftFingerprint);
        FirstPublishedAt ??= now;
        return true;
    }

    /// <summary>Takes it from readers.</summary>
    /// <exception cref="RuleBrokenException"><c>wrong-status</c>: readers do not see it now.</exception>
    public void Withdraw(DateTimeOffset now) =>
        (Status, UpdatedAt) = (Workflow.Next(Status, ArticleAction.Withdraw), now);

    /// <summary>Returns the draft to what readers see.</summary>
    /// <exception cref="RuleBrokenException"><c>wrong-status</c>: readers do not see it now.</exception>
    public void DiscardDraft(Publication published, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(published);
        Workflow.Next(Status, ArticleAction.DiscardDraft);
        if (!HasUnpublishedChanges) return; // there is nothing to discard
        (Slug, TranslationOf, TranslationGroup) = (published.Slug, published.TranslationOf, published.TranslationGroup);
        SetDraft(published.Content, published.WordCount, now);
    }

    private void SetDraft(ArticleContent draft, int wordCount, DateTimeOffset now)
    {
        (Draft, WordCount, UpdatedAt) = (draft, wordCount, now);
        DraftFingerprint = draft.Fingerprint(Slug.Value, TranslationGroup);
        MissingShareImage = draft.Share.Image is null && draft.LeadImage is null;
        MissingShareAlt = !MissingShareImage && string.IsNullOrWhiteSpace(draft.Share.Image is { } image ? image.Alt : draft.LeadImage?.Alt);
        MissingShareDescription = string.IsNullOrWhiteSpace(draft.Share.Description) && string.IsNullOrWhiteSpace(draft.Standfirst);
    }
}
