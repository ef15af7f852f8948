using System.Text.Json.Serialization;
using Cms.Api.Http;
using Cms.Domain.Newsletter;
using Cms.Domain.Text;
using Cms.Infrastructure.Newsletter.Digests;
using FluentValidation;

namespace Cms.Api.Management.Digests;

/// <summary>What was wrong in an article that an edition carried.</summary>
/// <param name="ArticleId">Which.</param>
/// <param name="Text">What is right; plain text.</param>
internal sealed record EditionCorrectionInput(Guid? ArticleId, string? Text)
{
    internal sealed class Validator : AbstractValidator<EditionCorrectionInput>
    {
        public Validator()
        {
            RuleFor(c => c.ArticleId).NotNull().WithMessage("Say which article it corrects.");
            RuleFor(c => c.Text).RequiredText(EditionWishes.CorrectionMaxLength, TextKind.MultiLine);
        }
    }
}

/// <summary>What an editor says of the edition that comes next.</summary>
/// <param name="Subject">Of its mails; null: the first headline.</param>
/// <param name="Intro">Above the articles; plain text.</param>
/// <param name="Held">It does not go until this is false again.</param>
/// <param name="ArticleIds">These come first, in this order; published ones that are not new are added so.</param>
/// <param name="DroppedIds">These are left out.</param>
/// <param name="Corrections">For readers whose edition carried the error, and for nobody else.</param>
internal sealed record EditionInput(
    string? Subject, string? Intro, bool? Held, IReadOnlyList<Guid>? ArticleIds, IReadOnlyList<Guid>? DroppedIds, IReadOnlyList<EditionCorrectionInput>? Corrections)
{
    public static EditionInput Of(EditionWishes w) => new(w.Subject, w.Intro, w.IsHeld, w.ArticleIds, w.DroppedIds, [.. w.Corrections.Select(c => new EditionCorrectionInput(c.ArticleId, c.Text))]);

    /// <summary>The wishes of an input that passed the validator.</summary>
    public EditionWishes Wishes() => new(
        Subject, Intro, Held ?? false, ArticleIds ?? [], DroppedIds ?? [], [.. (Corrections ?? []).Select(c => new EditionCorrection(c.ArticleId ?? Guid.Empty, c.Text ?? ""))]);

    internal sealed class Validator : AbstractValidator<EditionInput>
    {
        public Validator()
        {
            RuleFor(e => e.Subject).Text(EditionWishes.SubjectMaxLength);
            RuleFor(e => e.Intro).Text(EditionWishes.IntroMaxLength, TextKind.MultiLine);
            RuleFor(e => e.ArticleIds).AtMost(EditionWishes.MaxArticles).Distinct();
            RuleFor(e => e.DroppedIds).AtMost(EditionWishes.MaxDropped).Distinct();
            RuleFor(e => e.Corrections).AtMost(EditionWishes.MaxCorrections);
            RuleForEach(e => e.Corrections).Each(new EditionCorrectionInput.Validator());
        }
    }
}

/// <summary>Where a test of the next edition goes.</summary>
/// <param name="Email">An editor's address.</param>
/// <param name="Frequency">Of which edition; daily when absent.</param>
/// <param name="Language">As a reader of this language gets it; the site's when absent.</param>
/// <param name="SectionIds">As a reader of these sections gets it; none means all.</param>
internal sealed record DigestTestInput(string? Email, Frequency? Frequency, string? Language, IReadOnlyList<Guid>? SectionIds)
{
    internal sealed class Validator : AbstractValidator<DigestTestInput>
    {
        public Validator()
        {
            RuleFor(t => t.Email).NotEmpty().WithMessage("Give an e-mail address.").Email();
            RuleFor(t => t.Language).Language();
            RuleFor(t => t.SectionIds).AtMost(Subscriber.MaxSections).Distinct();
        }
    }
}

/// <summary>That a test was taken.</summary>
/// <param name="Status">Always <c>accepted</c>: the mail goes in a moment, and not at all to an address that may not be mailed.</param>
internal sealed record DigestTestView(string Status);

/// <summary>An article of an edition.</summary>
/// <param name="Id">Which.</param>
/// <param name="Headline">Its headline.</param>
/// <param name="Language">BCP 47.</param>
/// <param name="SectionId">The section it stands in.</param>
/// <param name="Clicks">On its links in the edition's mails, by whomever; null when they are not counted, and after 90 days.</param>
internal sealed record DigestArticleView(Guid Id, string Headline, string Language, Guid? SectionId, long? Clicks)
{
    public static DigestArticleView Of(EditionArticle a) => new(a.Id, a.Headline, a.Language, a.SectionId, null);
}

/// <summary>An article that is left out.</summary>
/// <param name="Id">Which.</param>
/// <param name="Headline">Its headline.</param>
/// <param name="Reason"><c>dropped</c> by an editor, <c>tooMany</c> for one mail, or <c>tooOld</c> for the first edition of all, into which <c>articleIds</c> takes it.</param>
internal sealed record LeftOutView(Guid Id, string Headline, string Reason);

/// <summary>Readers of the frequency, by where they stand: all but the active ones are left out.</summary>
/// <param name="Active">They get it, those apart in whose sections there is nothing new.</param>
/// <param name="Pending">They have not confirmed.</param>
/// <param name="Paused">They paused.</param>
/// <param name="Unsubscribed">They left.</param>
/// <param name="Bounced">Their mailbox refuses mail.</param>
/// <param name="Complained">They complained.</param>
internal sealed record DigestReadersView(int Active, int Pending, int Paused, int Unsubscribed, int Bounced, int Complained);

/// <summary>What one reader would get.</summary>
/// <param name="Subject">Of the mail.</param>
/// <param name="Html">The whole document.</param>
/// <param name="Text">The whole plain text.</param>
internal sealed record DigestPreviewView(string Subject, string Html, string Text);

/// <summary>How many of the mails of the last days' editions readers reported as spam, of both frequencies.</summary>
/// <param name="Days">The last so many, by the dates of editions.</param>
/// <param name="Mails">Servers took them; of an edition that is being sent, all that are due.</param>
/// <param name="Complained">Readers reported them.</param>
/// <param name="Rate">Of one: 0.001 is 0.1 %.</param>
/// <param name="Level">What that asks for. With fewer than five complaints always <c>normal</c>.</param>
internal sealed record ComplaintsView(int Days, long Mails, long Complained, double Rate, ComplaintLevel Level)
{
    public static ComplaintsView Of(ComplaintRate r) => new(ComplaintRate.Days, r.Mails, r.Complained, Math.Round(r.Rate, 6), r.Level);
}

/// <summary>The edition that comes next, as it would go now.</summary>
/// <param name="Frequency">Whose.</param>
/// <param name="Date">In the site's time zone.</param>
/// <param name="DueAt">When it goes, UTC.</param>
/// <param name="Wishes">What editors say of it.</param>
/// <param name="HeldBecause">Why it is held: <c>editor</c>, or <c>complaints</c> when it became due while <paramref name="Complaints"/> said <c>pause</c>; null when it is not.</param>
/// <param name="Complaints">Of the editions before.</param>
/// <param name="Articles">In their order.</param>
/// <param name="LeftOut">Articles that are not in it, and why.</param>
/// <param name="Readers">By where they stand.</param>
/// <param name="Preview">For a reader of the language and sections that the query names; null when there is nothing for them.</param>
internal sealed record NextDigestView(
    Frequency Frequency, DateOnly Date, DateTimeOffset DueAt, EditionInput Wishes, string? HeldBecause, ComplaintsView Complaints, IReadOnlyList<DigestArticleView> Articles,
    IReadOnlyList<LeftOutView> LeftOut, DigestReadersView Readers, DigestPreviewView? Preview) : IVersioned
{
    [JsonIgnore]
    public uint Version { get; init; }
}

/// <summary>An edition.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Number">Counts editions; stands in the Message-IDs of its mails.</param>
/// <param name="Frequency">Whose.</param>
/// <param name="Date">In the site's time zone.</param>
/// <param name="DueAt">When it was due, UTC.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="SkippedBecause"><c>missed</c>, <c>held</c> or <c>late</c>; null when it was not skipped.</param>
/// <param name="HeldBecause">Why it is held, or was until it was skipped: <c>editor</c> or <c>complaints</c>; null when it is not.</param>
/// <param name="FrozenAt">Since when its articles stand, UTC.</param>
/// <param name="FinishedAt">When its last mail went, UTC.</param>
internal sealed record DigestView(
    Guid Id, long Number, Frequency Frequency, DateOnly Date, DateTimeOffset DueAt, EditionStatus Status, string? SkippedBecause, string? HeldBecause, DateTimeOffset? FrozenAt, DateTimeOffset? FinishedAt)
{
    public static DigestView Of(Edition e) => new(e.Id, e.Number, e.Frequency, e.Date, e.DueAt, e.Status, e.SkippedBecause, HeldOf(e), e.FrozenAt, e.FinishedAt);

    public static string? HeldOf(Edition e) => e.Wishes.IsHeld ? e.HeldBecause : null;
}

/// <summary>What became of the mails to one domain.</summary>
/// <param name="Domain">Behind the @.</param>
/// <param name="Sent">Taken.</param>
/// <param name="Deferred">Put off.</param>
/// <param name="Failed">Refused.</param>
internal sealed record DigestDomain(string Domain, int Sent, int Deferred, int Failed);

/// <summary>An edition with what became of its mails.</summary>
/// <param name="Digest">The edition.</param>
/// <param name="Articles">In their order; of a planned one none stand yet.</param>
/// <param name="Counts">Of its mails.</param>
/// <param name="Domains">The fifty with most mails.</param>
internal sealed record DigestReportView(DigestView Digest, IReadOnlyList<DigestArticleView> Articles, DigestCounts Counts, IReadOnlyList<DigestDomain> Domains);
