using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Domain.Sites;
using Cms.Infrastructure.Newsletter.Templates;
using Cms.Infrastructure.Postgres;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Cms.Infrastructure.Newsletter.Digests;

/// <summary>
/// Makes the editions that are due: freezes what they say, then lists their readers, a row each, before any mail goes. One node does it at a time; one that
/// dies leaves an edition that another goes on with where its last transaction ended. What is due is decided by the editions that there are and the database's time.
/// </summary>
internal sealed class EditionMaker(JobContexts jobs, Databases databases, Lazy<NewsletterTemplates> templates, ILogger<EditionMaker> log)
{
    /// <summary>How late an edition may still go: a daily one by dinner, a weekly one the day after.</summary>
    public static readonly TimeSpan DailyWindow = TimeSpan.FromHours(8), WeeklyWindow = TimeSpan.FromHours(24);

    private const int Portion = 2_000, MaxPlans = 5_000;

    private const string Readers = """
        SELECT s.id, s.language, s.section_ids, ARRAY(SELECT c.id FROM unnest($4::uuid[]) c (id) WHERE EXISTS (
            SELECT FROM cms.digest_mails m JOIN cms.digest_sets d ON d.edition = m.edition AND d.key = m.set_key
            WHERE m.edition = ANY ($5) AND m.subscriber_id = s.id AND m.state = 1 AND c.id = ANY (d.article_ids)) ORDER BY c.id) AS corrected
        FROM cms.subscribers s WHERE s.status = 'Active' AND s.frequency = $1 AND s.id > $2 ORDER BY s.id LIMIT $3
        """;

    private const string KeepSets = """
        INSERT INTO cms.digest_sets (edition, key, language, parts, article_ids) SELECT $1, v.key, v.language, v.parts::json, ARRAY(SELECT json_array_elements_text(v.ids::json)::uuid)
        FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[]) v (key, language, parts, ids) ON CONFLICT DO NOTHING
        """;

    private const string KeepMails = "INSERT INTO cms.digest_mails (edition, subscriber_id, set_key) SELECT $1, v.id, v.key FROM unnest($2::uuid[], $3::uuid[]) v (id, key)";

    /// <summary>What the database's clock says.</summary>
    public async Task<DateTimeOffset> Now(CancellationToken ct)
    {
        await using var command = databases.Jobs.CreateCommand("SELECT clock_timestamp()");
        return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(ct) ?? throw new InvalidOperationException("The database has no clock.")), TimeSpan.Zero).Microseconds();
    }

    /// <summary>Freezes each edition that is due, and lists the readers of whatever is frozen.</summary>
    /// <param name="now">The database's time.</param>
    /// <param name="ct">Cancels.</param>
    public async Task MakeDue(DateTimeOffset now, CancellationToken ct)
    {
        foreach (var frequency in Enum.GetValues<Frequency>()) await FreezeDue(frequency, now, ct);
        List<Edition> frozen;
        await using (var db = jobs.Open()) frozen = await db.Editions.AsNoTracking().Where(e => e.Status == EditionStatus.Frozen).OrderBy(e => e.Number).ToListAsync(ct);
        foreach (var edition in frozen)
        {
            try
            {
                await ListReaders(edition, ct);
            }
            catch (Exception e) when (e is not OperationCanceledException) // one edition's fault stops no other
            {
                log.LogError("The readers of edition {Number} could not be listed: {Fault} at {Stack}.", edition.Number, DatabaseFault.Name(e), e.StackTrace);
            }
        }
    }

    /// <summary>The edition of a frequency that comes next: the planned row, or one that nobody has stored yet.</summary>
    public static async Task<Edition> Next(CmsDbContext db, Frequency frequency, SiteSettings site, DateTimeOffset now, CancellationToken ct)
    {
        var last = await Last(db, frequency, ct);
        var slot = ScheduleOf(site).Due(frequency, last, now, WindowOf(frequency)).Edition ?? ScheduleOf(site).Next(frequency, last, now);
        if (slot.DueAt < now - WindowOf(frequency)) slot = ScheduleOf(site).Next(frequency, null, now); // those between were missed, and are only not told yet
        var planned = await db.Editions.FirstOrDefaultAsync(e => e.Frequency == frequency && e.Status == EditionStatus.Planned, ct);
        if (planned is null) return Edition.Plan(slot, now);
        planned.Move(slot);
        return planned;
    }

    private async Task FreezeDue(Frequency frequency, DateTimeOffset now, CancellationToken ct)
    {
        await using var db = jobs.Open();
        await using var transaction = await db.Database.BeginTransactionAsync(ct);
        if (!await db.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock({AdvisoryLock.Digest}) AS \"Value\"").SingleAsync(ct)) return; // another node does
        var row = await db.Sites.AsNoTracking().SingleAsync(ct);
        var (site, window) = (row.Settings, WindowOf(frequency));
        var due = ScheduleOf(site).Due(frequency, await Last(db, frequency, ct), now, window);
        // Whoever moves the hour or the day to one that lies behind has missed nothing: it goes now.
        if (due.Edition is null && due.Skipped is [.., var newest] && newest.DueAt <= row.UpdatedAt && now - row.UpdatedAt <= window) due = new(newest, [.. due.Skipped.SkipLast(1)]);
        var planned = await db.Editions.FirstOrDefaultAsync(e => e.Frequency == frequency && e.Status == EditionStatus.Planned, ct);
        foreach (var slot in due.Skipped)
        {
            var (missed, because) = (Edition.Plan(slot, now), "missed");
            if (planned is not null && planned.Date == slot.Date) (missed, because, planned) = (planned, planned.Wishes.IsHeld ? "held" : "missed", null);
            else db.Add(missed);
            missed.Skip(because, now);
            log.LogWarning("The {Frequency} edition of {Date:yyyy-MM-dd} was skipped: {Because}.", frequency, slot.Date, because);
        }

        if (due.Edition is { } ready && planned is not { Wishes.IsHeld: true })
        {
            if (planned is null) db.Add(planned = Edition.Plan(ready, now));
            planned.Move(ready);
            if (!await HeldForComplaints(db, planned, now, ct)) await Freeze(db, planned, site, now, ct);
        }

        await db.SaveChangesAsync(ct);
        await transaction.CommitAsync(ct);
    }

    // Asked once for each edition, so the log warns once a day, on whatever node.
    private async Task<bool> HeldForComplaints(CmsDbContext db, Edition edition, DateTimeOffset now, CancellationToken ct)
    {
        var rate = await ComplaintRate.Of(db, now, ct);
        if (rate.Level == ComplaintLevel.Normal) return false;
        log.LogWarning("{Complained} of {Mails} mails of the last {Days} days were reported as spam: {Rate:P2}. Receivers ask for less than 0.1 %.", rate.Complained, rate.Mails, ComplaintRate.Days, rate.Rate);
        if (rate.Level != ComplaintLevel.Pause || edition.HeldBecause == Edition.ForComplaints) return false; // an editor has released it
        edition.HoldForComplaints();
        log.LogError("The {Frequency} edition of {Date:yyyy-MM-dd} is held for the complaints until an editor releases it.", edition.Frequency, edition.Date);
        return true;
    }

    private async Task Freeze(CmsDbContext db, Edition edition, SiteSettings site, DateTimeOffset now, CancellationToken ct)
    {
        var content = await new EditionSource(db).Make(edition, site, ct);
        edition.Freeze(content.IsEmpty, now);
        db.Entry(edition).Property(EditionMapping.Content).CurrentValue = JsonColumn.Write(content);
        await db.SaveChangesAsync(ct); // now it has its number
        var (number, frequency) = (edition.Number, edition.Frequency.ToString());
        var articles = content.Articles.Select(a => a.Id).Concat(content.LeftOut.Where(a => a.Reason == "dropped").Select(a => a.Id)).Distinct().ToArray();
        await db.Database.ExecuteSqlAsync($"INSERT INTO cms.edition_articles (frequency, article_id, edition) SELECT {frequency}, v.id, {number} FROM unnest({articles}) v (id) ON CONFLICT DO NOTHING", ct);
        if (content.CountsClicks) await ClickCounter.Prepare(db, number, content, ct);
        await db.Database.ExecuteSqlAsync($"INSERT INTO cms.digest_progress (edition) VALUES ({number})", ct);
        log.LogInformation("The {Frequency} edition of {Date:yyyy-MM-dd}, number {Number}, is frozen: {Articles} articles.", edition.Frequency, edition.Date, number, content.Articles.Count);
    }

    // In portions that each stay done. A reader of whose sections there is nothing has no row.
    private async Task ListReaders(Edition edition, CancellationToken ct)
    {
        var content = await ContentOf(edition.Id, ct);
        var plans = new Dictionary<string, DigestSet?>(StringComparer.Ordinal);
        while (await ListPortion(edition, content, plans, ct)) continue;
        await using var db = jobs.Open();
        var (id, sending, frozen) = (edition.Id, nameof(EditionStatus.Sending), nameof(EditionStatus.Frozen));
        await db.Database.ExecuteSqlAsync($"UPDATE cms.editions SET status = {sending} WHERE id = {id} AND status = {frozen} AND EXISTS (SELECT FROM cms.digest_progress WHERE edition = number AND is_listed)", ct);
    }

    private async Task<bool> ListPortion(Edition edition, EditionContent content, Dictionary<string, DigestSet?> plans, CancellationToken ct)
    {
        await using var connection = await databases.Jobs.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        if (await Scalar(connection, "SELECT coalesce(listed_through, uuid '00000000-0000-0000-0000-000000000000') FROM cms.digest_progress WHERE edition = $1 AND NOT is_listed FOR UPDATE SKIP LOCKED", ct, edition.Number) is not Guid after)
            return false; // another node lists them, or listed the last ones

        var corrected = content.Corrections.Select(c => c.Id).ToArray();
        var carriers = corrected.Length == 0 ? [] : (long[]?)await Scalar(connection, "SELECT ARRAY(SELECT DISTINCT edition FROM cms.digest_sets WHERE article_ids && $1)", ct, corrected) ?? [];
        var (sets, mails, nothing, last, read) = (new Dictionary<Guid, DigestSet>(), new List<(Guid Id, Guid Set)>(), 0, after, 0);
        await using (var command = Command(connection, Readers, edition.Frequency.ToString(), after, Portion, corrected, carriers))
        await using (var reader = await command.ExecuteReaderAsync(ct))
        {
            while (await reader.ReadAsync(ct))
            {
                (last, read) = (reader.GetGuid(0), read + 1);
                if (Plan(content, plans, reader.GetString(1), reader.GetFieldValue<Guid[]>(2), reader.GetFieldValue<Guid[]>(3)) is not { } set) nothing++;
                else
                {
                    sets.TryAdd(set.Key, set);
                    mails.Add((last, set.Key));
                }
            }
        }

        await Run(connection, KeepSets, ct, edition.Number, sets.Keys.ToArray(), sets.Values.Select(s => s.Language).ToArray(), sets.Values.Select(s => JsonColumn.Write(s.Parts)).ToArray(),
            sets.Values.Select(s => JsonSerializer.Serialize(s.Parts.SelectMany(p => p.Articles))).ToArray());
        await Run(connection, KeepMails, ct, edition.Number, mails.Select(m => m.Id).ToArray(), mails.Select(m => m.Set).ToArray());
        await Run(connection, "UPDATE cms.digest_progress SET listed_through = $2, is_listed = $3, due = due + $4, nothing = nothing + $5 WHERE edition = $1", ct, edition.Number, last, read < Portion, mails.Count, nothing);
        await transaction.CommitAsync(ct);
        return read == Portion;
    }

    private DigestSet? Plan(EditionContent content, Dictionary<string, DigestSet?> plans, string language, Guid[] follows, Guid[] corrected)
    {
        var wish = $"{language} {string.Join(',', follows.Order())} {string.Join(',', corrected)}";
        if (plans.TryGetValue(wish, out var known)) return known;
        if (plans.Count >= MaxPlans) plans.Clear(); // memory does not grow with the list
        return plans[wish] = DigestSet.Of(content, templates.Value.LanguageFor(language, content.Language), language, follows, corrected);
    }

    /// <summary>What an edition says.</summary>
    public async Task<EditionContent> ContentOf(Guid id, CancellationToken ct)
    {
        await using var db = jobs.Open();
        var json = await db.Editions.Where(e => e.Id == id).Select(e => EF.Property<string?>(e, EditionMapping.Content)).SingleAsync(ct);
        return JsonColumn.Read<EditionContent>(json ?? throw new InvalidDataException("A frozen edition says nothing."));
    }

    private static Task<DateOnly?> Last(CmsDbContext db, Frequency frequency, CancellationToken ct) =>
        db.Editions.Where(e => e.Frequency == frequency && e.Status != EditionStatus.Planned).OrderByDescending(e => e.Date).Select(e => (DateOnly?)e.Date).FirstOrDefaultAsync(ct);

    private static TimeSpan WindowOf(Frequency frequency) => frequency == Frequency.Daily ? DailyWindow : WeeklyWindow;

    private static DigestSchedule ScheduleOf(SiteSettings site) => new(TimeZoneInfo.FindSystemTimeZoneById(site.TimeZone), site.DigestHour, site.DigestDay);

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private static async Task Run(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<object?> Scalar(NpgsqlConnection connection, string sql, CancellationToken ct, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync(ct);
    }
}

/// <summary>A section's part of a set: ids alone.</summary>
/// <param name="Section">Which.</param>
/// <param name="Articles">In their order.</param>
/// <param name="IsCorrection">They were in an edition before, with an error.</param>
internal sealed record DigestSetPart(Guid Section, IReadOnlyList<Guid> Articles, bool IsCorrection);

/// <summary>What one group of readers gets of an edition: the same parts in the same language. Their mails differ in nothing but recipient, links and Message-ID.</summary>
/// <param name="Key">Told by what it holds, so that nodes agree on it without asking.</param>
/// <param name="Language">That the mail speaks.</param>
/// <param name="Parts">In their order.</param>
internal sealed record DigestSet(Guid Key, string Language, IReadOnlyList<DigestSetPart> Parts)
{
    /// <returns>Null when there is nothing for them.</returns>
    public static DigestSet? Of(EditionContent content, string spoken, string language, Guid[] follows, Guid[] corrected)
    {
        var parts = content.For(language, follows, corrected).Select(p => new DigestSetPart(p.Section.Id, [.. p.Articles.Select(a => a.Id)], p.Articles[0].Correction is not null)).ToList();
        if (parts.Count == 0) return null;
        var text = spoken + string.Concat(parts.Select(p => $" {(p.IsCorrection ? "!" : "")}{p.Section}:{string.Join(',', p.Articles)}"));
        return new(new Guid(SHA256.HashData(Encoding.ASCII.GetBytes(text)).AsSpan(0, 16)), spoken, parts);
    }
}
