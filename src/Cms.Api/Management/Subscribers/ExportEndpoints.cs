using System.Globalization;
using System.Text;
using Cms.Api.Access;
using Cms.Api.Http;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Infrastructure;
using Cms.Infrastructure.Auditing;
using Cms.Infrastructure.Newsletter;
using Cms.Infrastructure.Newsletter.Lists;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace Cms.Api.Management.Subscribers;

/// <summary>What goes out of readers: straight into the answer, since a job would have to keep a file of addresses somewhere.</summary>
internal static class ExportEndpoints
{
    private const int BatchSize = 250; // a larger one's text would not be collected before all else is

    /// <summary>A segment as CSV. A batch is in memory, and no connection is held while the client reads; who was added meanwhile is in it too.</summary>
    public static async Task<Results<PushStreamHttpResult, ProblemHttpResult>> Export(Query query, CmsDbContext db, Caller caller, TimeProvider time, JobContexts jobs, CancellationToken ct)
    {
        db.Add(new AuditEntry(Guid.CreateVersion7(time.Now()), time.Now(), caller.TokenId, "exportSubscribers", "subscriber", "export", [])); // a whole list of addresses went out
        await db.SaveChangesAsync(ct);
        var batch = await Batch(query, jobs, null, ct); // before the answer begins, so that a database that is away is a 503
        var slugs = await Slugs(jobs, ct);
        return TypedResults.Stream(async answer =>
        {
            var csv = new StringBuilder("email,name,language,frequency,sections,status,consentAt,consentSource,textVersion,createdAt\r\n");
            while (true)
            {
                foreach (var subscriber in batch) Append(csv, subscriber, slugs);
                await answer.WriteAsync(Encoding.UTF8.GetBytes(csv.ToString()), ct);
                if (batch.Count < BatchSize) return;
                csv.Clear();
                batch = await Batch(query, jobs, batch[^1].Id, ct);
            }
        }, Csv.ContentType, "subscribers.csv");
    }

    /// <summary>A page of the ledger.</summary>
    public static async Task<Results<Ok<Page<ConsentEventView>>, ProblemHttpResult>> Consents(Guid id, Query query, CmsDbContext db, SuppressionKey key, CancellationToken ct)
    {
        if (await db.Subscribers.AsNoTracking().Where(s => s.Id == id).Select(s => s.EmailKey).SingleOrDefaultAsync(ct) is not { } email) return Problems.NotFound();
        var (hash, after) = (key.Hash(email), long.TryParse(query.After?.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var last) ? last : 0);
        var rows = await db.Consents.AsNoTracking().Where(c => c.AddressHash == hash && c.Id > after).OrderBy(c => c.Id).Take(query.Limit + 1).ToListAsync(ct);
        return TypedResults.Ok(Page.Of(rows, query, c => new ConsentEventView(c.Kind, c.At, c.Source, c.TextVersion, c.ClientAddress),
            c => Position.Of(DateTimeOffset.MinValue, c.Id.ToString(CultureInfo.InvariantCulture))));
    }

    private static async Task<List<Subscriber>> Batch(Query query, JobContexts jobs, Guid? after, CancellationToken ct)
    {
        await using var db = jobs.Open();
        return await SubscriberSegment.Of(query, db).Where(s => after == null || s.Id > after).OrderBy(s => s.Id).Take(BatchSize).ToListAsync(ct);
    }

    private static async Task<Dictionary<Guid, string>> Slugs(JobContexts jobs, CancellationToken ct)
    {
        await using var db = jobs.Open();
        return (await db.Sections.AsNoTracking().Select(s => new { s.Id, s.Slug }).ToListAsync(ct)).ToDictionary(s => s.Id, s => s.Slug.Value);
    }

    private static void Append(StringBuilder csv, Subscriber s, Dictionary<Guid, string> slugs) => Csv.AppendLine(csv,
        s.Email, s.Name, s.Language, s.Frequency.ToString().ToLowerInvariant(), string.Join(';', s.SectionIds.Where(slugs.ContainsKey).Select(id => slugs[id])), s.Status.ToString().ToLowerInvariant(),
        Instant.Text(s.Consent?.At), s.Consent?.Source, s.Consent?.TextVersion, Instant.Text(s.CreatedAt));
}
