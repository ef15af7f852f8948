using System.Text.Json.Serialization;

namespace Cms.Domain.Newsletter;

/// <summary>Where an edition of the digest stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<EditionStatus>))]
public enum EditionStatus
{
    /// <summary>Still to come: editors may change it.</summary>
    [JsonStringEnumMemberName("planned")] Planned,

    /// <summary>Its articles stand, and its readers are being listed.</summary>
    [JsonStringEnumMemberName("frozen")] Frozen,

    /// <summary>Its mails go.</summary>
    [JsonStringEnumMemberName("sending")] Sending,

    /// <summary>Every mail went, or is known not to.</summary>
    [JsonStringEnumMemberName("sent")] Sent,

    /// <summary>Nothing new was published: no mail.</summary>
    [JsonStringEnumMemberName("empty")] Empty,

    /// <summary>Its hour was missed, or editors held it back until it was too late.</summary>
    [JsonStringEnumMemberName("skipped")] Skipped,
}

/// <summary>What an editor says of an edition that is still to come. Nobody need say anything: then it goes by itself.</summary>
/// <param name="Subject">Of its mails; null: the first headline.</param>
/// <param name="Intro">Above the articles; plain text.</param>
/// <param name="IsHeld">It does not go until this is taken back.</param>
/// <param name="ArticleIds">These come first, in this order; published ones that are not new are added so.</param>
/// <param name="DroppedIds">These are left out.</param>
/// <param name="Corrections">For readers whose edition carried the error, and for nobody else.</param>
public sealed record EditionWishes(
    string? Subject, string? Intro, bool IsHeld, IReadOnlyList<Guid> ArticleIds, IReadOnlyList<Guid> DroppedIds, IReadOnlyList<EditionCorrection> Corrections)
{
    /// <summary>Unicode scalars, at most.</summary>
    public const int SubjectMaxLength = 200, IntroMaxLength = 1_000, CorrectionMaxLength = 2_000;

    /// <summary>Articles put first, articles dropped, corrections, at most.</summary>
    public const int MaxArticles = 40, MaxDropped = 200, MaxCorrections = 10;

    /// <summary>Nobody says anything.</summary>
    public static EditionWishes None { get; } = new(null, null, false, [], [], []);
}

/// <summary>What was wrong in an article that an edition carried.</summary>
/// <param name="ArticleId">Which.</param>
/// <param name="Text">What is right; plain text.</param>
public sealed record EditionCorrection(Guid ArticleId, string Text);

/// <summary>One edition of the digest: of a frequency and a date in the site's time zone, and there is no second one of both.</summary>
public sealed class Edition
{
    /// <summary>Why an edition is held.</summary>
    public const string ByEditor = "editor", ForComplaints = "complaints";

    // EF Core binds these parameters to the mapped properties.
    private Edition(Guid id, Frequency frequency, DateOnly date, DateTimeOffset dueAt, EditionWishes wishes) => (Id, Frequency, Date, DueAt, Wishes) = (id, frequency, date, dueAt, wishes);

    /// <summary>UUIDv7.</summary>
    public Guid Id { get; }

    /// <summary>Counts editions of both frequencies; stands in return paths and Message-IDs. The database makes it.</summary>
    public long Number { get; }

    /// <summary>Whose.</summary>
    public Frequency Frequency { get; }

    /// <summary>In the site's time zone.</summary>
    public DateOnly Date { get; private set; }

    /// <summary>When it goes, UTC.</summary>
    public DateTimeOffset DueAt { get; private set; }

    /// <summary>What editors say of it.</summary>
    public EditionWishes Wishes { get; private set; }

    /// <summary>Where it stands.</summary>
    public EditionStatus Status { get; private set; }

    /// <summary>Since when its articles stand, UTC.</summary>
    public DateTimeOffset? FrozenAt { get; private set; }

    /// <summary>When its last mail went, UTC.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>Why it did not go: <c>missed</c>, <c>held</c> or <c>late</c>.</summary>
    public string? SkippedBecause { get; private set; }

    /// <summary>Who held it last: <see cref="ByEditor"/> or <see cref="ForComplaints"/>; null when nobody did. It stays when the edition is released.</summary>
    public string? HeldBecause { get; private set; }

    /// <summary>Changes with every stored change; what <c>ETag</c> and <c>If-Match</c> compare.</summary>
    public uint Version { get; }

    /// <summary>One that is still to come.</summary>
    public static Edition Plan(EditionSlot slot, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(slot);
        return new(Guid.CreateVersion7(now), slot.Frequency, slot.Date, slot.DueAt, EditionWishes.None);
    }

    /// <summary>The site's hour, day or zone changed: the plan moves with them.</summary>
    public void Move(EditionSlot slot)
    {
        ArgumentNullException.ThrowIfNull(slot);
        (Date, DueAt) = (slot.Date, slot.DueAt);
    }

    /// <summary>Editors say something of it while it is still to come.</summary>
    public void Wish(EditionWishes wishes)
    {
        ArgumentNullException.ThrowIfNull(wishes);
        if (wishes.IsHeld && !Wishes.IsHeld) HeldBecause = ByEditor;
        Wishes = wishes;
    }

    /// <summary>Too many readers complain: it waits for an editor's word. Once they have released it, it is not held again for that, unless one of them held it anew.</summary>
    public void HoldForComplaints() => (Wishes, HeldBecause) = (Wishes with { IsHeld = true }, ForComplaints);

    /// <summary>Its articles stand from now on; without any there is no mail.</summary>
    public void Freeze(bool isEmpty, DateTimeOffset now) => (Status, FrozenAt) = (isEmpty ? EditionStatus.Empty : EditionStatus.Frozen, now);

    /// <summary>It does not go.</summary>
    public void Skip(string because, DateTimeOffset now) => (Status, SkippedBecause, FrozenAt) = (EditionStatus.Skipped, because, now);
}
