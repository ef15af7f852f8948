using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.OpenSsl;
using Org.BouncyCastle.Security;

namespace Cms.Infrastructure.Mail;

/// <summary>Reads private keys from PEM files, as OpenSSL writes them.</summary>
internal static class DkimKey
{
    /// <returns>Null: there is no such key.</returns>
    public static RsaPrivateCrtKeyParameters? Rsa(string path) => Read(path) as RsaPrivateCrtKeyParameters;

    /// <returns>Null: there is no such key.</returns>
    public static Ed25519PrivateKeyParameters? Ed25519(string path) => Read(path) as Ed25519PrivateKeyParameters;

    private static AsymmetricKeyParameter? Read(string path)
    {
        try
        {
            using var text = File.OpenText(path);
            using var pem = new PemReader(text);
            return pem.ReadObject() switch
            {
                AsymmetricCipherKeyPair pair => pair.Private,
                AsymmetricKeyParameter { IsPrivate: true } key => key,
                _ => null,
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or GeneralSecurityException or ArgumentException or FormatException or InvalidOperationException)
        {
            return null; // never the reader's words: they may hold a part of the key
        }
    }
}
