using System.Text.Json;
using Cms.Infrastructure.Delivery;
using Npgsql;

namespace Cms.Infrastructure.Search;

/// <summary>Finds articles by their words: in one to three round trips, each asking every language that is searched at once.</summary>
internal sealed class SearchStore(DeliveryReading reading)
{
    // Of phrases: unpacking these takes twenty milliseconds.
    private const int MostExamined = 1_000;
    private const double FreshnessDays = 30;

    // As of lists: beyond every article.
    private static readonly DateTimeOffset End = new(9999, 1, 1, 0, 0, 0, TimeSpan.Zero), Beginning = new(1, 2, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Guid LastId = new("ffffffff-ffff-ffff-ffff-ffffffffffff");

    /// <summary>One page of what fits.</summary>
    public Task<SearchFindings> Find(SearchQuestion question, CancellationToken ct) => reading.Read(ReadPool.Search, async connection =>
    {
        var plans = await Plans(connection, question, ct);
        if (plans.Count == 0) return SearchFindings.None;
        var found = new List<Found>();
        foreach (var plan in plans) found.Add(await Find(connection, plan, question, ct));
        return question.Order == SearchOrder.Relevance ? ByRelevance(found, question) : ByTime(found, question);
    }, ct);

    /// <summary>What one language gave.</summary>
    /// <param name="Hits">In no order.</param>
    /// <param name="Total">All that fit, where they were counted; at most one more than are shown as counted.</param>
    /// <param name="IsMore">Not all were counted.</param>
    /// <param name="Examined">Where the look at candidates ended before there were none; null when it did not.</param>
    private sealed record Found(List<SearchHit> Hits, int Total, bool IsMore, SearchHit? Examined);

    private static async Task<List<SearchPlan>> Plans(NpgsqlConnection connection, SearchQuestion question, CancellationToken ct)
    {
        var plans = new List<SearchPlan>();
        await using (var command = new NpgsqlCommand(SearchSql.Understood, connection))
        {
            var configs = question.Languages.Length == 0 ? Stemming.All : question.Languages.Select(Stemming.Of).Distinct(StringComparer.Ordinal).ToArray();
            command.Parameters.Add(new() { Value = configs });
            command.Parameters.Add(new() { Value = question.Text.Whole });
            command.Parameters.Add(new() { Value = question.Text.Rest });
            command.Parameters.Add(new() { Value = question.Text.Beginning is { } beginning ? $"'{SearchDocument.Mark}{beginning}':*" : DBNull.Value });
            await using var reader = await command.ExecuteReaderAsync(ct);
            while (await reader.ReadAsync(ct)) plans.Add(new(reader.GetString(0), reader.GetString(1), reader.GetDouble(2)));
        }

        for (var i = 0; i < plans.Count; i++)
        {
            if (!plans[i].IsLarge) continue;
            await using var command = Command(connection, SearchSql.Expected, plans[i], question);
            plans[i] = plans[i] with { Expected = RowsOf(await command.ExecuteScalarAsync(ct)) };
        }

        return plans;
    }

    private static double RowsOf(object? explained)
    {
        using var plan = JsonDocument.Parse(explained as string ?? "[]");
        return plan.RootElement[0].GetProperty("Plan").GetProperty("Plan Rows").GetDouble();
    }

    private static async Task<Found> Find(NpgsqlConnection connection, SearchPlan plan, SearchQuestion question, CancellationToken ct)
    {
        const int Counted = SearchQuestion.MaxTotal + 1;
        var isRanked = question.Order == SearchOrder.Relevance;
        var after = isRanked ? First(question) : question.After ?? First(question);
        var wanted = isRanked ? SearchQuestion.MaxRanked : question.Limit + 1;
        if (plan.IsPhrase) return await FindPhrase(connection, plan, question, after, wanted, ct);
        if (plan.Walk(wanted) is { } steps)
        {
            var (hits, _) = await Read(Command(connection, SearchSql.Walked, plan, question, after, wanted, steps), ct);
            if (hits.Count == wanted) return new(isRanked ? hits : [.. hits.Select(h => h with { Score = 0 })], Counted, true, null);
        }

        var (all, total) = await Read(Command(connection, isRanked ? SearchSql.Ranked : SearchSql.Newest, plan, question, after, wanted, Counted), ct);
        return new(all, total, false, null);
    }

    private static async Task<Found> FindPhrase(NpgsqlConnection connection, SearchPlan plan, SearchQuestion question, SearchHit after, int wanted, CancellationToken ct)
    {
        var (candidates, all) = await Candidates(after);
        var hits = Fitting(candidates);
        var end = candidates.Count == MostExamined ? candidates.MinBy(c => (c.At, c.Id)) : null;
        // On a later page the count is still of all.
        var total = after == First(question) || question.Order == SearchOrder.Relevance ? hits.Count : Fitting((await Candidates(First(question))).Hits).Count;
        return new([.. hits.Take(wanted)], total, all > MostExamined, hits.Count > wanted || end is null ? null : end with { Score = 0 });

        Task<(List<SearchHit> Hits, int Total)> Candidates(SearchHit from) =>
            Read(Command(connection, plan.IsEverywhere ? SearchSql.PhrasesWalked : SearchSql.Phrases, plan, question, from, MostExamined, MostExamined + 1), ct);

        List<SearchHit> Fitting(List<SearchHit> some) =>
            [.. some.Where(c => !double.IsNaN(c.Score)).OrderByDescending(c => (c.At, c.Id)).Select(c => question.Order == SearchOrder.Relevance ? c : c with { Score = 0 })];
    }

    // Before every hit.
    private static SearchHit First(SearchQuestion question) =>
        question.Order == SearchOrder.Relevance ? new(question.AsOf, LastId) : question.To is { } to ? new(to, Guid.Empty) : new(End, LastId);

    private static SearchFindings ByTime(List<Found> found, SearchQuestion question)
    {
        // A hit further back than where one language's look ended may have another before it that was not looked at.
        var end = found.Select(f => f.Examined).OfType<SearchHit>().Min();
        var hits = found.SelectMany(f => f.Hits).Where(h => end is null || h.CompareTo(end) <= 0).Order().ToList();
        var page = hits.Take(question.Limit).ToList();
        return Counted(found, page, hits.Count > question.Limit ? page[^1] : end);
    }

    private static SearchFindings ByRelevance(List<Found> found, SearchQuestion question)
    {
        var ranked = found.SelectMany(f => f.Hits).OrderByDescending(h => (h.At, h.Id)).Take(SearchQuestion.MaxRanked)
            .Select(h => h with { Score = h.Score * (1 + Math.Pow(2, -Math.Max(0, (question.AsOf - h.At).TotalDays) / FreshnessDays)) })
            .Where(h => question.After is not { } after || h.CompareTo(after) > 0).Order().ToList();
        var page = ranked.Take(question.Limit).ToList();
        return Counted(found, page, ranked.Count > question.Limit ? page[^1] : null);
    }

    private static SearchFindings Counted(List<Found> found, List<SearchHit> page, SearchHit? next)
    {
        var total = found.Sum(f => f.Total);
        return new(page, next, Math.Min(total, SearchQuestion.MaxTotal), total > SearchQuestion.MaxTotal || found.Exists(f => f.IsMore));
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, SearchPlan plan, SearchQuestion question, params ReadOnlySpan<object> further)
    {
        var command = new NpgsqlCommand(sql, connection);
        command.Parameters.Add(new() { Value = plan.Config });
        command.Parameters.Add(new() { Value = plan.Query });
        command.Parameters.Add(new() { Value = (object?)question.Target ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = question.Languages.Length > 0 ? question.Languages : DBNull.Value });
        command.Parameters.Add(new() { Value = question.From ?? Beginning });
        command.Parameters.Add(new() { Value = question.To ?? End });
        foreach (var value in further)
            if (value is SearchHit hit)
            {
                command.Parameters.Add(new() { Value = hit.At });
                command.Parameters.Add(new() { Value = hit.Id });
            }
            else command.Parameters.Add(new() { Value = value });
        return command;
    }

    // A row without an article tells the count alone; one without a rank does not fit after all.
    private static async Task<(List<SearchHit> Hits, int Total)> Read(NpgsqlCommand command, CancellationToken ct)
    {
        await using var _ = command;
        await using var reader = await command.ExecuteReaderAsync(ct);
        var (hits, total) = (new List<SearchHit>(), 0);
        while (await reader.ReadAsync(ct))
        {
            total = reader.IsDBNull(0) ? 0 : reader.GetInt32(0);
            if (!reader.IsDBNull(1)) hits.Add(new(reader.GetFieldValue<DateTimeOffset>(1), reader.GetGuid(2), reader.IsDBNull(3) ? double.NaN : reader.GetDouble(3)));
        }

        return (hits, total);
    }
}
