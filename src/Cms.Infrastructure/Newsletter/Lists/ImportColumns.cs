namespace Cms.Infrastructure.Newsletter.Lists;

/// <summary>What a column says.</summary>
internal enum ImportColumn
{
    /// <summary>The address.</summary>
    Email,

    /// <summary>What to call the reader.</summary>
    Name,

    /// <summary>The first half of it.</summary>
    FirstName,

    /// <summary>The second half of it.</summary>
    LastName,

    /// <summary>BCP 47.</summary>
    Language,

    /// <summary>Daily or weekly.</summary>
    Frequency,

    /// <summary>Ids, slugs or names, with semicolons between them.</summary>
    Sections,

    /// <summary>Where the subscription stands there.</summary>
    Status,

    /// <summary>When the reader agreed.</summary>
    ConsentAt,

    /// <summary>When the reader asked, where nothing says when they agreed.</summary>
    AskedAt,

    /// <summary>Where they agreed.</summary>
    ConsentSource,

    /// <summary>Which wording they agreed to.</summary>
    TextVersion,

    /// <summary>Whether they get mails there.</summary>
    IsSubscribed,

    /// <summary>When they left.</summary>
    LeftAt,

    /// <summary>When their address was found to take no mail.</summary>
    CleanedAt,
}

/// <summary>Which column of a file says what, by its header line: in any case, with or without spaces, hyphens and underscores.</summary>
internal sealed class ImportColumns
{
    private static readonly Dictionary<string, ImportColumn> OfAll = new(StringComparer.Ordinal)
    {
        ["email"] = ImportColumn.Email,
        ["emailaddress"] = ImportColumn.Email,
        ["name"] = ImportColumn.Name,
        ["fullname"] = ImportColumn.Name,
        ["firstname"] = ImportColumn.FirstName,
        ["fname"] = ImportColumn.FirstName,
        ["lastname"] = ImportColumn.LastName,
        ["lname"] = ImportColumn.LastName,
        ["language"] = ImportColumn.Language,
        ["locale"] = ImportColumn.Language,
        ["frequency"] = ImportColumn.Frequency,
        ["sections"] = ImportColumn.Sections,
        ["status"] = ImportColumn.Status,
        ["consentat"] = ImportColumn.ConsentAt,
        ["consentsource"] = ImportColumn.ConsentSource,
        ["textversion"] = ImportColumn.TextVersion,
    };

    // Mailchimp's zip holds a file for each status; those of who left and of whom mails bounced have a column more.
    private static readonly Dictionary<string, ImportColumn> OfMailchimp = new(StringComparer.Ordinal)
    {
        ["confirmtime"] = ImportColumn.ConsentAt,
        ["optintime"] = ImportColumn.AskedAt,
        ["memberstatus"] = ImportColumn.Status,
        ["emailmarketingstatus"] = ImportColumn.Status,
        ["unsubtime"] = ImportColumn.LeftAt,
        ["cleantime"] = ImportColumn.CleanedAt,
    };

    private static readonly Dictionary<string, ImportColumn> OfGhost = new(StringComparer.Ordinal)
    {
        ["createdat"] = ImportColumn.ConsentAt,
        ["subscribedtoemails"] = ImportColumn.IsSubscribed,
        ["deletedat"] = ImportColumn.LeftAt,
    };

    private static readonly string[] MarksOfMailchimp = ["memberrating", "optintime", "confirmtime", "leid", "euid", "unsubtime", "cleantime"];

    private readonly int[] places = new int[Enum.GetValues<ImportColumn>().Length];

    /// <summary>Reads the header line.</summary>
    /// <param name="header">Its fields.</param>
    /// <param name="format">What the sender says; null: it is found.</param>
    /// <exception cref="ImportFault">There is no column of addresses, or one twice.</exception>
    public ImportColumns(IReadOnlyList<string> header, ImportFormat? format)
    {
        var names = header.Select(h => string.Concat(h.Where(c => c is not (' ' or '_' or '-'))).Trim().ToLowerInvariant()).ToList();
        Format = format ?? Found(names);
        var own = Format switch { ImportFormat.Mailchimp => OfMailchimp, ImportFormat.Ghost => OfGhost, _ => [] };
        Array.Fill(places, -1);
        for (var i = 0; i < names.Count; i++)
        {
            if (!own.TryGetValue(names[i], out var column) && !OfAll.TryGetValue(names[i], out column)) continue;
            if (places[(int)column] >= 0) throw new ImportFault($"Columns {places[(int)column] + 1} and {i + 1} both say the same. Take one of them out.");
            places[(int)column] = i;
        }

        if (!Has(ImportColumn.Email)) throw new ImportFault("The first line names no column \"email\". Send a file with a header line.");
    }

    /// <summary>As given, or as found.</summary>
    public ImportFormat Format { get; }

    /// <summary>Whether the file has it.</summary>
    public bool Has(ImportColumn column) => places[(int)column] >= 0;

    /// <summary>The text of a column without white space around it; empty where there is none.</summary>
    public string Of(ImportColumn column, IReadOnlyList<string> fields)
    {
        var place = places[(int)column];
        if (place < 0 || place >= fields.Count) return "";
        var text = fields[place].Trim();
        return Format == ImportFormat.Csv ? Csv.Unguarded(text) : text;
    }

    private static ImportFormat Found(List<string> names) =>
        names.Contains("subscribedtoemails") ? ImportFormat.Ghost : names.Exists(n => MarksOfMailchimp.Contains(n)) ? ImportFormat.Mailchimp : ImportFormat.Csv;
}
