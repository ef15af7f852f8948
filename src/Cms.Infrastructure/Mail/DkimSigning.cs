using MimeKit;
using MimeKit.Cryptography;

namespace Cms.Infrastructure.Mail;

/// <summary>
/// Signs mails (RFC 6376; RFC 8463): relaxed, so that a relay may fold a line anew, once with each key. Both headers that unsubscribe are signed, as
/// RFC 8058 asks.
/// </summary>
internal sealed class DkimSigning
{
    private static readonly HeaderId[] Signed =
    [
        HeaderId.From, HeaderId.To, HeaderId.Subject, HeaderId.Date, HeaderId.MessageId, HeaderId.MimeVersion,
        HeaderId.ListUnsubscribe, HeaderId.ListUnsubscribePost,
    ];

    private readonly DkimSigner[] signers;

    private DkimSigning(DkimSigner[] signers) => this.signers = signers;

    /// <returns>Null: mails are not signed here.</returns>
    public static DkimSigning? Of(MailOptions options)
    {
        if (options is not { IsSigning: true, DkimDomain: { } domain }) return null;
        var signers = new List<DkimSigner>();
        if (options is { DkimKeyFile: { Length: > 0 } rsa, DkimSelector: { } first }) signers.Add(Relaxed(new RsaSigner(DkimKey.Rsa(rsa) ?? throw Gone(), domain, first)));
        if (options is { DkimEd25519KeyFile: { Length: > 0 } ed, DkimEd25519Selector: { } second }) signers.Add(Relaxed(new(DkimKey.Ed25519(ed) ?? throw Gone(), domain, second, DkimSignatureAlgorithm.Ed25519Sha256)));
        return new([.. signers]);
    }

    /// <summary>Signs a mail in place. It must not change afterwards.</summary>
    public void Sign(MimeMessage message)
    {
        // Seven bits, or a relay that knows no 8BITMIME would encode it anew and break the signatures.
        message.Prepare(EncodingConstraint.SevenBit);
        message.Headers.RemoveAll(HeaderId.DkimSignature); // of an earlier try
        var present = Signed.Where(message.Headers.Contains).ToList();
        foreach (var signer in signers) signer.Sign(message, present);
    }

    private static InvalidOperationException Gone() => new("A DKIM key is gone since it was checked.");

    private static DkimSigner Relaxed(DkimSigner signer)
    {
        (signer.HeaderCanonicalizationAlgorithm, signer.BodyCanonicalizationAlgorithm) = (DkimCanonicalizationAlgorithm.Relaxed, DkimCanonicalizationAlgorithm.Relaxed);
        return signer;
    }
}
