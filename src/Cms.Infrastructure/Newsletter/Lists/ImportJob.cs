using System.Text.Json.Serialization;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>Where an import stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImportStatus>))]
internal enum ImportStatus
{
    /// <summary>Its file is still coming in.</summary>
    [JsonStringEnumMemberName("receiving")] Receiving,

    /// <summary>No node works on it yet.</summary>
    [JsonStringEnumMemberName("waiting")] Waiting,

    /// <summary>A node works on it.</summary>
    [JsonStringEnumMemberName("running")] Running,

    /// <summary>Every line has its outcome.</summary>
    [JsonStringEnumMemberName("done")] Done,

    /// <summary>The file could not be read to its end: what stands before that is imported.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
}

/// <summary>Whose file it is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImportFormat>))]
internal enum ImportFormat
{
    /// <summary>Ours.</summary>
    [JsonStringEnumMemberName("csv")] Csv,

    /// <summary>Mailchimp's export of contacts.</summary>
    [JsonStringEnumMemberName("mailchimp")] Mailchimp,

    /// <summary>Ghost's export of members.</summary>
    [JsonStringEnumMemberName("ghost")] Ghost,
}

/// <summary>What whoever sends a file says of it.</summary>
/// <param name="Format">Null: its header line tells.</param>
/// <param name="DryRun">Says what would happen, and does nothing.</param>
/// <param name="ConsentSource">Where the readers agreed, unless their line says.</param>
/// <param name="TextVersion">Which wording they agreed to, unless their line says.</param>
/// <param name="ConsentAt">When they agreed, unless their line says.</param>
/// <param name="Language">Of new readers whose line says none; null: the site's.</param>
internal sealed record ImportOrder(ImportFormat? Format, bool DryRun, string ConsentSource, string TextVersion, DateTimeOffset? ConsentAt, string? Language);

/// <summary>How many lines came to what.</summary>
internal sealed record ImportCounts(int Lines, int Added, int Updated, int Unchanged, int Refused);

/// <summary>An import as it is kept.</summary>
internal sealed record ImportJob(
    Guid Id, ImportStatus Status, ImportOrder Order, ImportCounts Counts, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, string? Fault);

/// <summary>An import that one node works on.</summary>
/// <param name="Lease">Tells its holder from one that had it before.</param>
/// <param name="Job">As it stood when it was taken.</param>
/// <param name="Batches">That are done.</param>
/// <param name="Attempts">Of the batch behind them, this one not counted.</param>
internal sealed record LeasedImport(Guid Lease, ImportJob Job, int Batches, int Attempts);

/// <summary>The file cannot be read further. The message is for its sender, and holds nothing of the file.</summary>
internal sealed class ImportFault(string message) : Exception(message);
