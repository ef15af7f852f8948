using System.Globalization;
using Cms.Domain;
using Cms.Domain.Newsletter;
using Cms.Domain.Text;

namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>Makes readers of rows, by the rules that hold for readers whom an editor adds. What a row leaves empty it does not say.</summary>
internal sealed class ImportRules(ImportColumns columns, ImportOrder order, ImportSections sections, SuppressionKey key, DateTimeOffset now)
{
    private static readonly Refusal
        Left = new("unsubscribed", "The reader left there."),
        Bounced = new("bounced", "Mails to this address bounced there."),
        Complained = new("complained", "The reader reported mails as spam there."),
        Unconfirmed = new("unconfirmed", "The reader did not agree to get mails there, or not yet."),
        UnknownStatus = new("status", "The status is none that is known: active, subscribed, paused, pending, unsubscribed, bounced, cleaned or complained."),
        Name = new("name", $"Give a name of one line and at most {Subscriber.NameMaxLength} characters."),
        Language = new("language", "Give a BCP 47 language tag, such as fr or pt-BR."),
        Frequency = new("frequency", "Give daily or weekly."),
        NoConsent = new("consentAt", "Say when the reader agreed: in the row, or for all in the parameter consentAt."),
        ConsentAt = new("consentAt", "Give the time of consent as 2026-11-24T09:00:00Z, not in the future."),
        ConsentSource = new("consentSource", $"Give a source of one line and at most {Consent.SourceMaxLength} characters."),
        TextVersion = new("textVersion", $"Give a version of one line and at most {Consent.TextVersionMaxLength} characters.");

    // As we write them, as Ghost and as Mailchimp do; a time without an offset is UTC, as theirs are.
    private static readonly string[] Times = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm", "yyyy-MM-dd"];

    /// <summary>The row as a reader, or why it is none.</summary>
    public ImportRow Read(int line, IReadOnlyList<string> fields)
    {
        ImportRow Refused(Refusal refusal) => new(line, null, refusal);
        string Of(ImportColumn column) => columns.Of(column, fields);

        if (!EmailAddress.TryParse(Of(ImportColumn.Email), out var address, out var reason)) return Refused(new("email", reason));
        if (StatusFault(fields, out var isPaused) is { } fault) return Refused(fault);

        if (!TryText(NameOf(fields), Subscriber.NameMaxLength, out var name)) return Refused(Name);
        var language = Of(ImportColumn.Language) is { Length: > 0 } tag ? tag.Replace('_', '-') : null;
        if (language is not null && !LanguageTag.TryParse(language, out _)) return Refused(Language);
        if (!TryFrequency(Of(ImportColumn.Frequency), out var frequency)) return Refused(Frequency);
        if (sections.Fault(Of(ImportColumn.Sections), out var sectionIds) is { } ofSections) return Refused(ofSections);
        if (Consented(fields, out var consent) is { } ofConsent) return Refused(ofConsent);
        return new(line, new(address, key.Hash(address.Key), name, language is null ? null : LanguageTag.Parse(language).Value, frequency, sectionIds, isPaused, consent), null);
    }

    private string NameOf(IReadOnlyList<string> fields) => columns.Of(ImportColumn.Name, fields) is { Length: > 0 } name
        ? name
        : $"{columns.Of(ImportColumn.FirstName, fields)} {columns.Of(ImportColumn.LastName, fields)}".Trim();

    // Whoever left elsewhere is made a reader by no file.
    private Refusal? StatusFault(IReadOnlyList<string> fields, out bool isPaused)
    {
        var status = columns.Of(ImportColumn.Status, fields).ToLowerInvariant();
        isPaused = status == "paused";
        if (columns.Of(ImportColumn.LeftAt, fields).Length > 0) return Left;
        if (columns.Of(ImportColumn.CleanedAt, fields).Length > 0) return Bounced;
        if (columns.Has(ImportColumn.IsSubscribed) && columns.Of(ImportColumn.IsSubscribed, fields).ToLowerInvariant() is not ("true" or "1" or "yes")) return Left;
        return status switch
        {
            "" or "active" or "subscribed" or "paused" => null,
            "unsubscribed" => Left,
            "bounced" or "cleaned" => Bounced,
            "complained" => Complained,
            "pending" or "nonsubscribed" or "non-subscribed" or "transactional" => Unconfirmed,
            _ => UnknownStatus,
        };
    }

    private Refusal? Consented(IReadOnlyList<string> fields, out Consent consent)
    {
        consent = new(now, order.ConsentSource, order.TextVersion);
        var given = columns.Of(ImportColumn.ConsentAt, fields) is { Length: > 0 } agreed ? agreed : columns.Of(ImportColumn.AskedAt, fields);
        var at = order.ConsentAt;
        if (given.Length > 0)
        {
            if (!DateTimeOffset.TryParseExact(given, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed)) return ConsentAt;
            at = parsed.Microseconds();
        }

        if (at is not { } time) return NoConsent;
        if (!Consent.CanBeOf(time, now)) return ConsentAt;
        if (!TryText(columns.Of(ImportColumn.ConsentSource, fields), Consent.SourceMaxLength, out var source)) return ConsentSource;
        if (!TryText(columns.Of(ImportColumn.TextVersion, fields), Consent.TextVersionMaxLength, out var version)) return TextVersion;
        consent = new(time, source ?? order.ConsentSource, version ?? order.TextVersion);
        return null;
    }

    private static bool TryFrequency(string text, out Frequency? frequency)
    {
        frequency = text.ToLowerInvariant() switch { "daily" => Domain.Newsletter.Frequency.Daily, "weekly" => Domain.Newsletter.Frequency.Weekly, _ => null };
        return text.Length == 0 || frequency is not null;
    }

    private static bool TryText(string text, int maxLength, out string? normal)
    {
        normal = null;
        if (text.Length == 0) return true;
        normal = TextRules.Normalize(text);
        return TextRules.Length(normal) <= maxLength && TextRules.Fault(normal, TextKind.SingleLine) is null;
    }
}
