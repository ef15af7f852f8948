using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Cms.Bench;

/// <summary>The rows on writing: an editor's requests over HTTP, on a database of their own.</summary>
internal sealed class Writing(Child node, Child other, string token) : IDisposable
{
    public const int AtOnce = 8;

    private const int Looks = 50, Paragraphs = 9;

    private static readonly string Paragraph = string.Join(' ', Enumerable.Repeat("Le président a révélé ce que le ministre étranger avait reçu en échange, après une journée d'entretien.", 6));

    private readonly HttpClient editor = new() { BaseAddress = new($"http://localhost:{node.Port}"), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };

    /// <summary>Drafts that are ready to be published, in a section of their own.</summary>
    public async Task<Drafts> Write(int count)
    {
        var (section, tag) = await Section();
        var drafts = new List<(string Id, string ETag)>();
        for (var i = 0; i < count; i++) drafts.Add(await Draft(section));
        return new(section, tag, drafts);
    }

    /// <summary>Publishes them, so many at once.</summary>
    /// <returns>How long it took, and each of them in milliseconds.</returns>
    public async Task<(TimeSpan All, IReadOnlyList<double> Each)> Publish(IEnumerable<(string Id, string ETag)> drafts)
    {
        var (waiting, took) = (new ConcurrentQueue<(string Id, string ETag)>(drafts), new ConcurrentBag<double>());
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(async _ =>
        {
            while (waiting.TryDequeue(out var draft))
            {
                var at = Stopwatch.GetTimestamp();
                await Publish(draft.Id, draft.ETag);
                took.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
            }
        }));
        return (Stopwatch.GetElapsedTime(begun), [.. took]);
    }

    /// <summary>How fast a renamed section comes to be read in all articles.</summary>
    public async Task<Row> Rename(Drafts published)
    {
        var oldest = await Slug(published.All[0].Id);
        var begun = Stopwatch.GetTimestamp();
        await Change($"/management/v1/sections/{published.Section}", published.Tag, new { name = Name("Renommée") });
        // Newest first: when the oldest shows it, all do.
        while (!(await editor.GetStringAsync($"/delivery/v1/articles/{oldest}")).Contains("Renomm", StringComparison.Ordinal)) await Task.Delay(2);
        var perSecond = published.All.Count / Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return new("articles rendered anew after a section's new name", $"{perSecond:N0}/s", "≥ 300/s", perSecond >= 300, $"{published.All.Count} articles");
    }

    /// <summary>From the answer to an editor on one node to what a reader gets on another.</summary>
    public async Task<Row> Visible()
    {
        var (section, _) = await Section();
        var took = new List<double>();
        using var reader = new HttpClient { BaseAddress = new($"http://localhost:{other.Port}") };
        for (var i = 0; i < Looks; i++)
        {
            var (id, etag) = await Draft(section);
            var path = $"/delivery/v1/articles/{await Slug(id)}";
            using (await reader.GetAsync(path)) { } // the other node holds that there is none
            await Publish(id, etag);
            var at = Stopwatch.GetTimestamp();
            while (true)
            {
                using var answer = await reader.GetAsync(path);
                if (answer.IsSuccessStatusCode) break;
            }

            took.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
        }

        return new("publication to visible on a second node", $"p99 {Share(took, 0.99):0} ms", "p99 ≤ 1 s", Share(took, 0.99) <= 1_000, $"p50 {Share(took, 0.5):0.0} ms, {Looks} publications");
    }

    public void Dispose() => editor.Dispose();

    public static double Share(IEnumerable<double> values, double share) => values.Order().ToList() is var sorted ? sorted[(int)((sorted.Count - 1) * share)] : 0;

    private static string Name(string word) => $"{word} {Guid.CreateVersion7():N}";

    private async Task<(string Id, string ETag)> Section() => await Create("/management/v1/sections", new { name = Name("Banc"), language = "fr" });

    private Task<(string Id, string ETag)> Draft(string section) => Create("/management/v1/articles", new
    {
        headline = Name("Banc"),
        language = "fr",
        sectionId = section,
        body = Enumerable.Repeat(new { type = "paragraph", text = Paragraph }, Paragraphs),
    });

    private async Task<(string Id, string ETag)> Create(string path, object body)
    {
        using var answer = await editor.PostAsJsonAsync(path, body);
        await Check(answer);
        return ((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString() ?? "", answer.Headers.ETag?.ToString() ?? "");
    }

    private async Task<string> Slug(string id) => (await editor.GetFromJsonAsync<JsonElement>($"/management/v1/articles/{id}")).GetProperty("slug").GetString() ?? "";

    private async Task Publish(string id, string etag)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/management/v1/articles/{id}/publish") { Headers = { { "If-Match", etag } } };
        using var answer = await editor.SendAsync(request);
        // The publishing lock is waited for three seconds: on a slow machine an editor tries again, and waits so much longer.
        if (answer.StatusCode == System.Net.HttpStatusCode.ServiceUnavailable) await Publish(id, etag);
        else await Check(answer);
    }

    private async Task Change(string path, string etag, object change)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, path)
        {
            Headers = { { "If-Match", etag } },
            Content = JsonContent.Create(change, new MediaTypeHeaderValue("application/merge-patch+json")),
        };
        using var answer = await editor.SendAsync(request);
        await Check(answer);
    }

    private static async Task Check(HttpResponseMessage answer)
    {
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{answer.RequestMessage?.RequestUri}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>Drafts in a section.</summary>
    /// <param name="Section">Its id.</param>
    /// <param name="Tag">Its version.</param>
    /// <param name="All">Each with its version, the oldest first.</param>
    internal sealed record Drafts(string Section, string Tag, IReadOnlyList<(string Id, string ETag)> All);
}
