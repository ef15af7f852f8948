using System.Text.RegularExpressions;

namespace Cms.Api.Tests.Contract;

/// <summary>Over an archive of 100,000 articles every list and every read by slug is a range of an index: the plans PostgreSQL really ran say so.</summary>
public sealed partial class PlanTests(ApiFixture fixture) : IAsyncLifetime
{
    private Archive? archive;

    public async ValueTask InitializeAsync() => archive = await Archive.Open(fixture.Database, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (archive is not null) await archive.DisposeAsync();
    }

    // One test and not a theory: the archive takes seconds to fill.
    [Fact]
    public async Task Every_list_and_the_read_by_slug_use_an_index_and_touch_few_rows()
    {
        var open = archive ?? throw new InvalidOperationException("The archive is not open.");
        var failures = new List<string>();
        foreach (var path in Paths())
        {
            var plans = await open.PlansOf(path);
            if (!plans.Contains("Index", StringComparison.Ordinal)) failures.Add($"{path}: no index\n{plans}");
            foreach (Match scan in SequentialScan().Matches(plans)) failures.Add($"{path}: {scan.Value}");
            foreach (Match removed in RowsRemoved().Matches(plans))
                if (int.Parse(removed.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture) > 20_000) failures.Add($"{path}: {removed.Value}");
        }

        Assert.True(failures.Count == 0, string.Join("\n", failures));
    }

    private static IEnumerable<string> Paths()
    {
        var (section, tag, author) = ("aaaaaaaa-0000-0000-0000-000000000007", "bbbbbbbb-0000-0000-0000-000000000064", "cccccccc-0000-0000-0000-000000000064");
        const string Delivery = Desk.Published, Management = Desk.Articles;
        yield return $"{Delivery}/a54321";
        yield return Delivery;
        yield return $"{Delivery}?limit=100&sort=oldest";
        yield return $"{Delivery}?section=s7";
        yield return $"{Delivery}?section=s7&language=en";
        yield return $"{Delivery}?tag=t100";
        yield return $"{Delivery}?language=en&limit=100";
        foreach (var sort in new[] { "newest", "oldest", "updated" })
        {
            yield return $"{Management}?sort={sort}";
            yield return $"{Management}?sort={sort}&section={section}";
            yield return $"{Management}?sort={sort}&status=draft";
            yield return $"{Management}?sort={sort}&language=en";
        }

        yield return $"{Management}?tag={tag}";
        yield return $"{Management}?author={author}";
        yield return $"{Management}?q=word4321";
        yield return $"{Management}?externalId=none";
        yield return $"{Management}?updatedSince=2199-01-01T00:00:00Z";
        yield return $"{Management}/00000000-0000-0000-0000-00000000d431";
        yield return "/management/v1/authors";
        yield return "/management/v1/tags";
        yield return "/management/v1/tags?q=t100";
        yield return "/management/v1/subscribers";
        yield return "/management/v1/subscribers?email=READER777";
        yield return "/management/v1/subscribers?status=pending";
        yield return "/management/v1/share?missing=image";
        yield return "/management/v1/share?missing=alt";
        yield return "/management/v1/share?missing=description";
        yield return "/management/v1/audit";
        yield return "/management/v1/audit?resourceId=00000000-0000-0000-0000-00000000d431";
    }

    // Tables that grow with the archive or its readers. Sections and the site are small, and read whole.
    [GeneratedRegex(@"Seq Scan on (articles|articles_br|articles_gzip|summaries|listings|mentions|addresses|publications|article_sections|article_tags|article_authors|subscribers|audit|tags|authors)\b.*", RegexOptions.NonBacktracking)]
    private static partial Regex SequentialScan();

    [GeneratedRegex(@"Rows Removed by Filter: (\d+)", RegexOptions.NonBacktracking)]
    private static partial Regex RowsRemoved();
}
