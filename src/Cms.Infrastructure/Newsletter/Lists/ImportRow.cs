using Cms.Domain.Newsletter;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>Why a row is not taken. It says nothing of the row: the report outlives an erasure.</summary>
/// <param name="Code">For programs.</param>
/// <param name="Message">For people.</param>
internal sealed record Refusal(string Code, string Message);

/// <summary>A reader as a row of a file has them.</summary>
/// <param name="Address">Where mails go.</param>
/// <param name="Hash">The address by the suppression key.</param>
/// <param name="Name">Null: the row says none.</param>
/// <param name="Language">Null: the row says none.</param>
/// <param name="Frequency">Null: the row says none.</param>
/// <param name="SectionIds">Null: the row says none.</param>
/// <param name="IsPaused">They get no digest for a while.</param>
/// <param name="Consent">The evidence.</param>
internal sealed record ImportReader(
    EmailAddress Address, byte[] Hash, string? Name, string? Language, Frequency? Frequency, Guid[]? SectionIds, bool IsPaused, Consent Consent);

/// <summary>A row: a reader, or why it is none.</summary>
/// <param name="Line">At which it begins.</param>
/// <param name="Reader">Null when it is refused.</param>
/// <param name="Refusal">Null when it is not.</param>
internal sealed record ImportRow(int Line, ImportReader? Reader, Refusal? Refusal);
