using Cms.Infrastructure.Newsletter.Lists;

namespace Cms.Api.Management.Subscribers;

/// <summary>An import of readers, and how far it is.</summary>
/// <param name="Id">UUIDv7.</param>
/// <param name="Status">waiting, running, done or failed.</param>
/// <param name="Format">Whose file it is; null until its first lines are read.</param>
/// <param name="DryRun">It only says what would happen.</param>
/// <param name="Lines">Rows that have their outcome.</param>
/// <param name="Added">New readers.</param>
/// <param name="Updated">Readers whom it changed.</param>
/// <param name="Unchanged">Readers who were so already.</param>
/// <param name="Refused">Rows that were not taken; the report says why.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="StartedAt">UTC; null while it waits.</param>
/// <param name="FinishedAt">UTC; null until it is done or failed.</param>
/// <param name="Fault">Why the file could not be read to its end; null when it was.</param>
internal sealed record SubscriberImportView(
    Guid Id, ImportStatus Status, ImportFormat? Format, bool DryRun, int Lines, int Added, int Updated, int Unchanged, int Refused,
    DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, string? Fault)
{
    public static SubscriberImportView Of(ImportJob j) => new(
        j.Id, j.Status, j.Order.Format, j.Order.DryRun, j.Counts.Lines, j.Counts.Added, j.Counts.Updated, j.Counts.Unchanged, j.Counts.Refused,
        j.CreatedAt, j.StartedAt, j.FinishedAt, j.Fault);
}

/// <summary>What happened to a reader's consent. The ledger is only added to.</summary>
/// <param name="Event">signed-up, confirmed, imported (by a file, or by an editor who gave or changed the consent), left, moved, bounced, complained or erased.</param>
/// <param name="At">UTC; of what was imported, when the reader agreed.</param>
/// <param name="Source">Where the reader agreed.</param>
/// <param name="TextVersion">Which wording they agreed to.</param>
/// <param name="ClientAddress">The network address it came from; cut to its network after 30 days.</param>
internal sealed record ConsentEventView(string Event, DateTimeOffset At, string? Source, string? TextVersion, string? ClientAddress);
