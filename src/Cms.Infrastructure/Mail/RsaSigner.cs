using System.Collections.Concurrent;
using System.Security.Cryptography;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Security;

namespace Cms.Infrastructure.Mail;

/// <summary>MimeKit's signer, with the operating system's RSA in place of a managed one, which takes several times as long for a mail.</summary>
internal sealed class RsaSigner(RsaPrivateCrtKeyParameters key, string domain, string selector) : DkimSigner(key, domain, selector, DkimSignatureAlgorithm.RsaSha256)
{
    private readonly RSAParameters parameters = DotNetUtilities.ToRSAParameters(key);
    private readonly ConcurrentBag<RSA> idle = []; // none of them may sign two mails at one time

    /// <inheritdoc/>
    protected override ISigner CreateSigningContext() => new Signing(this);

    private byte[] Sign(byte[] hash)
    {
        var rsa = idle.TryTake(out var kept) ? kept : RSA.Create(parameters);
        var signature = rsa.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        idle.Add(rsa); // as many as there are connections, for as long as the service
        return signature;
    }

    private sealed class Signing(RsaSigner signer) : ISigner
    {
        private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public string AlgorithmName => "SHA-256withRSA";

        public void Init(bool forSigning, ICipherParameters parameters) => Reset();

        public void Update(byte input) => hash.AppendData([input]);

        public void BlockUpdate(byte[] input, int inOff, int inLen) => hash.AppendData(input, inOff, inLen);

        public void BlockUpdate(ReadOnlySpan<byte> input) => hash.AppendData(input);

        public int GetMaxSignatureSize() => signer.parameters.Modulus?.Length ?? 0;

        // The last that is asked of it, and nobody else ends it.
        public byte[] GenerateSignature()
        {
            using (hash) return signer.Sign(hash.GetHashAndReset());
        }

        public bool VerifySignature(byte[] signature) => throw new NotSupportedException("It signs.");

        public void Reset() => hash.GetHashAndReset();
    }
}
