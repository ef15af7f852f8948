using System.Security.Cryptography;
using System.Text;

namespace Cms.Infrastructure.Newsletter;

/// <summary>
/// Keys of the newsletter's links, a key of its own for each purpose (HKDF, RFC 5869). The first root signs, all verify: a retired one still opens
/// the unsubscribe links of mails that lie in inboxes. Without roots of its own, the suppression key, which never changes, is the root.
/// </summary>
/// <param name="roots">Each with the number that stands in what it signed; the first one signs.</param>
internal sealed class NewsletterKeys(IReadOnlyList<(byte Id, byte[] Root)> roots)
{
    /// <summary>The number of the suppression key as a root.</summary>
    public const byte OfSuppression = 0;

    /// <summary>The key that signs now for this purpose, and its number.</summary>
    public (byte Id, byte[] Key) Signing(string purpose) => (roots[0].Id, Derive(roots[0].Root, purpose));

    /// <summary>All that verify for this purpose, the signing one first.</summary>
    public IReadOnlyList<(byte Id, byte[] Key)> All(string purpose) => [.. roots.Select(r => (r.Id, Derive(r.Root, purpose)))];

    private static byte[] Derive(byte[] root, string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, root, 32, info: Encoding.ASCII.GetBytes($"cms newsletter {purpose}"));

    /// <summary>Never the keys: an object's own text would be logged one day.</summary>
    public override string ToString() => nameof(NewsletterKeys);
}
