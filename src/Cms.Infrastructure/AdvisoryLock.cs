namespace Cms.Infrastructure;

/// <summary>Keys of the database's advisory locks, in one place so that no two mean the same. "Cms" in ASCII, then a number.</summary>
internal static class AdvisoryLock
{
    private const long Base = 0x436D73L << 32;

    /// <summary>Whoever changes what readers see.</summary>
    public const long Publishing = Base + 1;

    /// <summary>Whoever migrates the schema.</summary>
    public const long Migrating = Base + 2;

    /// <summary>Whoever changes the shape of the tree of sections.</summary>
    public const long SectionTree = Base + 3;

    /// <summary>Whoever makes a tag.</summary>
    public const long Tags = Base + 4;

    /// <summary>Whoever deletes what is past its time.</summary>
    public const long Retention = Base + 5;

    /// <summary>Whoever counts the mails of one address; the address's hash is the second half.</summary>
    public const int AskedMails = 0x436D07;

    /// <summary>Whoever confirms a sign-up of one address; the address's hash is the second half.</summary>
    public const int Confirming = 0x436D09;

    /// <summary>Whoever freezes an edition of the digest.</summary>
    public const long Digest = Base + 8;

    /// <summary>Whoever makes a token: the limit counts them.</summary>
    public const long Tokens = Base + 6;
}
