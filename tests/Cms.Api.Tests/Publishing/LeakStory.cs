using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text.RegularExpressions;

namespace Cms.Api.Tests.Publishing;

/// <summary>
/// An article whose every version carries one token in each of its texts, and what readers may see of it at which time: a token that no
/// publication had begun to show is a leak, two tokens in one answer are a mixture, and an answer that was asked for after its node had
/// read the clock may show nothing from before the last act that was acknowledged by then.
/// </summary>
internal sealed partial class LeakStory(HttpClient editor, int number, Guid[] sections, ulong seed)
{
    private const int Acts = 7;

    private readonly Dice dice = new(seed);
    private readonly string name = Wire.Unique("leck");
    private readonly ConcurrentQueue<Act> acts = new();
    private Answer? article;
    private bool isPublished;
    private int version;
    private string slug = "";

    /// <summary>Slugs that a publication has begun to show, with when the first was acknowledged; 0 before.</summary>
    public ConcurrentDictionary<string, long> Shown { get; } = new(StringComparer.Ordinal);

    /// <summary>Slugs that it has or had as a draft: readers may ask for any.</summary>
    public ConcurrentBag<string> Slugs { get; } = [];

    /// <summary>Works on the article as its editor.</summary>
    public async Task Work()
    {
        var draft = new Dictionary<string, object?>(Texts()) { ["slug"] = Wire.Unique(name), ["language"] = "fr", ["sectionId"] = dice.OneOf(sections) };
        article = (await Desk.Patiently(() => editor.Post(Desk.Articles, draft))).Is(HttpStatusCode.Created);
        NewSlug(article.Slug());
        for (var i = 0; i < Acts; i++) await Step(dice.Throw(6));
        if (!isPublished) await Publish();
    }

    /// <summary>Says what is wrong with an answer, or null.</summary>
    /// <param name="text">An article, or its summary within a list.</param>
    /// <param name="knownAt">When the node had read the clock, before it was asked.</param>
    public string? Fault(string text, long knownAt)
    {
        var tokens = Tokens().Matches(text).Select(m => m.Value).Where(t => t.StartsWith($"{name}v", StringComparison.Ordinal)).Distinct().ToList();
        if (tokens.Count != 1) return $"{tokens.Count} versions in one answer: {string.Join(' ', tokens)}";
        return IsAllowed(tokens[0], knownAt) ? null : $"{tokens[0]} after {string.Join(' ', acts.Select(a => a.Shows ?? "-"))}";
    }

    /// <summary>Whether the article may be absent.</summary>
    public bool MayBeGone(long knownAt) => IsAllowed(null, knownAt);

    /// <summary>Whether this text is of this article.</summary>
    public bool IsIn(string text) => text.Contains($"{name}v", StringComparison.Ordinal);

    private string Token => $"{name}v{version}x";

    private Dictionary<string, object?> Texts() => new()
    {
        ["headline"] = Token,
        ["kicker"] = Token,
        ["standfirst"] = Token,
        ["body"] = new[] { new { type = "paragraph", text = $"{Token} {number}" } },
        ["extra"] = new Dictionary<string, string> { ["t"] = Token },
    };

    private async Task Step(int side)
    {
        if (article is null) return;
        switch (side)
        {
            case 0 or 1 when isPublished:
                await Show(null, () => editor.Act($"{Desk.Articles}/{article.Id}/withdraw", article.ETag));
                isPublished = false;
                break;
            case 2:
                version++;
                await Change(new Dictionary<string, object?>(Texts()) { ["slug"] = Wire.Unique(name) });
                NewSlug(article.Slug());
                break;
            case 3:
                await Change(new { sectionId = dice.OneOf(sections) });
                break;
            case 4:
                await Edit();
                await Publish();
                break;
            default:
                await Publish();
                await Edit();
                break;
        }
    }

    private Task Edit()
    {
        version++;
        return Change(Texts());
    }

    private async Task Change(object change) =>
        article = (await Desk.Patiently(() => editor.Patch($"{Desk.Articles}/{article!.Id}", change, article!.ETag))).Is(HttpStatusCode.OK);

    private async Task Publish()
    {
        Shown.TryAdd(slug, 0);
        await Show(Token, () => editor.Act($"{Desk.Articles}/{article!.Id}/publish", article!.ETag));
        isPublished = true;
        Shown.TryUpdate(slug, Stopwatch.GetTimestamp(), 0);
    }

    private async Task Show(string? token, Func<Task<Answer>> act)
    {
        var mine = new Act(token);
        acts.Enqueue(mine);
        article = (await Desk.Patiently(act)).Is(HttpStatusCode.OK);
        mine.AcknowledgedAt = Stopwatch.GetTimestamp();
    }

    private void NewSlug(string given)
    {
        slug = given;
        Slugs.Add(given);
    }

    private bool IsAllowed(string? token, long knownAt)
    {
        var all = acts.ToArray();
        var last = Array.FindLastIndex(all, a => a.AcknowledgedAt != 0 && a.AcknowledgedAt < knownAt);
        return (last < 0 && token is null) || all.Skip(Math.Max(last, 0)).Any(a => a.Shows == token);
    }

    private sealed class Act(string? shows)
    {
        private long acknowledgedAt;

        public string? Shows => shows;

        public long AcknowledgedAt
        {
            get => Volatile.Read(ref acknowledgedAt);
            set => Volatile.Write(ref acknowledgedAt, value);
        }
    }

    [GeneratedRegex("leck-[a-z]+v[0-9]+x", RegexOptions.NonBacktracking)]
    private static partial Regex Tokens();
}
