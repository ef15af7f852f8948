using System.Data.Common;
using Cms.Infrastructure.Purging;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Cms.Infrastructure.Delivery;

/// <summary>
/// Numbers the changes of delivery. Whatever a transaction touched is stored under the clock's next number by the last statement before its
/// COMMIT: the row's lock is held for that one commit, so the numbers have no gaps and stand in the order of commits. Every node hears of it
/// by NOTIFY (<see cref="ClockWatch"/>); this one forgets what it holds of it before the change is answered, so that an editor who
/// publishes and looks sees it.
/// </summary>
/// <param name="cache">This node's cache; none in commands, which serve nobody.</param>
/// <param name="targets">Caches in front, which are told of the same keys through the outbox.</param>
internal sealed class DeliveryClock(DeliveryCache? cache, PurgeTargets? targets = null) : DbTransactionInterceptor
{
    /// <summary>Where nodes listen.</summary>
    public const string Channel = "cms_delivery";

    private const string Tick = """
        WITH tick AS (UPDATE delivery.clock SET number = number + 1, mark = gen_random_uuid() RETURNING number),
          told AS (INSERT INTO delivery.ticks (number, keys) SELECT number, $1 FROM tick),
          moved AS (
            INSERT INTO delivery.changes (article_id, number, slug, gone)
            SELECT u.id, tick.number, u.slug, u.gone FROM tick, unnest($2::uuid[], $3::text[], $4::boolean[]) u (id, slug, gone)
            ON CONFLICT (article_id) DO UPDATE SET number = excluded.number, at = excluded.at, slug = excluded.slug, gone = excluded.gone),
          purged AS (
            INSERT INTO cms.outbox (kind, subject, created_at, not_before, attempts, dead, target, payload)
            SELECT 'purge', '00000000-0000-0000-0000-000000000000', clock_timestamp(), clock_timestamp() + round * interval '2 seconds', 0, false, target, to_jsonb($1::text[])
            FROM tick, unnest($6::text[]) target, generate_series(0, 1) round)
        SELECT number, pg_notify($5, number::text) FROM tick
        """;

    public override ValueTask<DbTransaction> TransactionStartedAsync(
        DbConnection connection, TransactionEndEventData eventData, DbTransaction result, CancellationToken cancellationToken = default)
    {
        (eventData.Context as CmsDbContext)?.DeliveryChanges.Begin(cache?.Generation ?? 0);
        return ValueTask.FromResult(result);
    }

    public override async ValueTask<InterceptionResult> TransactionCommittingAsync(
        DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is not CmsDbContext { DeliveryChanges: { Touched.Count: > 0 } changes }) return result;

        await using var command = new NpgsqlCommand(Tick, (NpgsqlConnection?)transaction.Connection, (NpgsqlTransaction)transaction);
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. changes.Touched] });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. changes.Articles.Select(a => a.Id)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. changes.Articles.Select(a => a.Slug)] });
        command.Parameters.Add(new NpgsqlParameter<bool[]> { TypedValue = [.. changes.Articles.Select(a => a.Gone)] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Channel });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = targets?.Names ?? [] });
        changes.Number = (long)(await command.ExecuteScalarAsync(cancellationToken) ?? throw new InvalidOperationException("Delivery has no clock."));
        return result;
    }

    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        if (eventData.Context is CmsDbContext { DeliveryChanges: { Touched: { Count: > 0 } touched, Number: var number, Begun: var begun } })
        {
            cache?.Drop(number, touched, begun);
            targets?.Wake();
        }

        return Task.CompletedTask;
    }
}
