namespace Cms.Domain.Access;

/// <summary>What a token may do. The names are the API's.</summary>
public static class Scope
{
    /// <summary>Read drafts and settings.</summary>
    public const string ContentRead = "content:read";

    /// <summary>Write articles and their share cards.</summary>
    public const string ArticlesWrite = "articles:write";

    /// <summary>Publish.</summary>
    public const string ArticlesPublish = "articles:publish";

    /// <summary>Withdraw and delete.</summary>
    public const string ArticlesWithdraw = "articles:withdraw";

    /// <summary>Write sections, authors and tags.</summary>
    public const string TaxonomyWrite = "taxonomy:write";

    /// <summary>Read subscribers.</summary>
    public const string SubscribersRead = "subscribers:read";

    /// <summary>Write subscribers.</summary>
    public const string SubscribersWrite = "subscribers:write";

    /// <summary>Sign readers up for a frontend's server, which passes their network address and has no limit by its own.</summary>
    public const string SubscriptionsWrite = "subscriptions:write";

    /// <summary>Change, hold and try the editions of the digest.</summary>
    public const string DigestsWrite = "digests:write";

    /// <summary>Hand in mails that came back, for a mail server's pipe.</summary>
    public const string BouncesWrite = "bounces:write";

    /// <summary>Write the site's settings.</summary>
    public const string SettingsWrite = "settings:write";

    /// <summary>Make and revoke tokens.</summary>
    public const string TokensWrite = "tokens:write";

    /// <summary>Read the audit.</summary>
    public const string AuditRead = "audit:read";

    /// <summary>See what the service does by itself, and when.</summary>
    public const string JobsRead = "jobs:read";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        ContentRead, ArticlesWrite, ArticlesPublish, ArticlesWithdraw, TaxonomyWrite, SubscribersRead, SubscribersWrite, SubscriptionsWrite, DigestsWrite,
        BouncesWrite, SettingsWrite, TokensWrite, AuditRead, JobsRead,
    ];
}
