using System.ComponentModel.DataAnnotations;
using System.Security.Cryptography;
using System.Text;
using Cms.Api.Tests.Newsletter;
using Cms.Infrastructure.Mail;
using MimeKit;
using MimeKit.Cryptography;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.OpenSsl;
using Org.BouncyCastle.Security;

namespace Cms.Api.Tests.Mail;

/// <summary>What receivers see of our signatures, and what an operator is told of wrong settings.</summary>
public sealed class DkimTests(ApiFixture fixture) : IDisposable
{
    private static readonly Lazy<RSA> OwnRsa = new(() => RSA.Create(2048)); // slow to make

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("cms-dkim-");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Both_signatures_of_a_received_mail_verify()
    {
        var (options, keys) = Keys();
        await using var server = await MailServer.Start();
        await using var sender = Mails.Sender(server.Port, o => o with
        {
            DkimDomain = options.DkimDomain,
            DkimSelector = options.DkimSelector,
            DkimKeyFile = options.DkimKeyFile,
            DkimEd25519Selector = options.DkimEd25519Selector,
            DkimEd25519KeyFile = options.DkimEd25519KeyFile,
        });

        Assert.Equal(MailOutcome.Accepted, await sender.Send(Mails.To("reader@example.org"), Ct));

        var mail = Assert.Single(server.Received).Message;
        var signatures = mail.Headers.Where(h => h.Id == HeaderId.DkimSignature).ToList();
        Assert.Equal(["a=ed25519-sha256", "a=rsa-sha256"], signatures.Select(s => s.Value.Split("; ").Single(p => p.StartsWith("a=", StringComparison.Ordinal))).Order(StringComparer.Ordinal));
        Assert.All(signatures, s => Assert.Contains("List-Unsubscribe-Post", s.Value, StringComparison.OrdinalIgnoreCase));
        Assert.All(signatures, s => Assert.Contains("c=relaxed/relaxed", s.Value, StringComparison.Ordinal));
        var verifier = new DkimVerifier(keys);
        foreach (var signature in signatures) Assert.True(await verifier.VerifyAsync(mail, signature, Ct));
    }

    [Fact]
    public async Task Both_signatures_of_a_digest_verify_and_cover_what_receivers_ask_for()
    {
        var (options, keys) = Keys();
        await using var news = await Newsroom.Open(fixture, new()
        {
            ["Cms:Mail:DkimDomain"] = options.DkimDomain,
            ["Cms:Mail:DkimSelector"] = options.DkimSelector,
            ["Cms:Mail:DkimKeyFile"] = options.DkimKeyFile,
            ["Cms:Mail:DkimEd25519Selector"] = options.DkimEd25519Selector,
            ["Cms:Mail:DkimEd25519KeyFile"] = options.DkimEd25519KeyFile,
            ["Cms:Mail:ReturnPathDomain"] = "bounces.example.org",
        });
        await news.Publish("Éléments d'une très longue histoire où l'on apprend que rien de ce qu'on croyait savoir n'était tout à fait vrai", await news.Section("Économie"));
        await news.Reader("lea@example.org");
        await news.MakeDue();

        var mail = Assert.Single(news.Mails.Received).Message;
        var signatures = mail.Headers.Where(h => h.Id == HeaderId.DkimSignature).ToList();
        Assert.Equal(2, signatures.Count);
        foreach (var signature in signatures)
        {
            Assert.True(await new DkimVerifier(keys).VerifyAsync(mail, signature, Ct));
            var covers = signature.Value.Split(';').Select(p => p.Trim()).Single(p => p.StartsWith("h=", StringComparison.Ordinal))[2..].Split(':').Select(h => h.Trim().ToUpperInvariant());
            Assert.Equal(["DATE", "FROM", "LIST-UNSUBSCRIBE", "LIST-UNSUBSCRIBE-POST", "MESSAGE-ID", "MIME-VERSION", "SUBJECT", "TO"], covers.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_mail_that_was_changed_on_its_way_verifies_no_more()
    {
        var (options, keys) = Keys();
        var message = Mails.To("reader@example.org").Message;
        Signing(options).Sign(message);
        using var sent = new MemoryStream();
        await message.WriteToAsync(new FormatOptions { NewLineFormat = NewLineFormat.Dos }, sent, Ct);
        var text = Encoding.ASCII.GetString(sent.ToArray());

        var body = text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        foreach (var changed in new[] { text[..body] + (text[body] == 'A' ? 'B' : 'A') + text[(body + 1)..], text.Replace("unsubscribe?t=abc", "unsubscribe?t=abd", StringComparison.Ordinal) })
        {
            Assert.NotEqual(text, changed);
            var received = await MimeMessage.LoadAsync(new MemoryStream(Encoding.ASCII.GetBytes(changed)), Ct);
            foreach (var signature in received.Headers.Where(h => h.Id == HeaderId.DkimSignature)) Assert.False(await new DkimVerifier(keys).VerifyAsync(received, signature, Ct));
        }
    }

    [Fact]
    public void A_mail_that_goes_again_is_signed_anew_and_not_twice()
    {
        var (options, _) = Keys();
        var (signing, message) = (Signing(options), Mails.To("reader@example.org").Message);

        signing.Sign(message);
        signing.Sign(message);

        Assert.Equal(2, message.Headers.Count(h => h.Id == HeaderId.DkimSignature));
    }

    [Fact]
    public void Settings_that_fit_together_are_taken() => Assert.Empty(Faults(Keys().Options));

    [Theory]
    [InlineData("Cms__Mail__Host ", "Host", "smtp.example.org:25")]
    [InlineData("Cms__Mail__From", "From", "")]
    [InlineData("Cms__Mail__From ", "From", "a@example.org, b@example.org")]
    [InlineData("Cms__Mail__UserName", "UserName", "cms")]
    [InlineData("Cms__Mail__ReturnPathDomain", "ReturnPathDomain", "localhost")]
    [InlineData("Cms__Mail__HeloName", "HeloName", "a b")]
    [InlineData("Cms__Mail__DkimDomain", "DkimDomain", "")]
    [InlineData("Cms__Mail__DkimSelector", "DkimSelector", "")]
    [InlineData("Cms__Mail__DkimKeyFile", "DkimKeyFile", "/nowhere.pem")]
    [InlineData("Cms__Mail__DkimEd25519Selector", "DkimEd25519Selector", "")]
    [InlineData("Cms__Mail__DkimEd25519KeyFile", "DkimEd25519KeyFile", "/nowhere.pem")]
    public void Settings_that_do_not_fit_are_told_by_name(string named, string property, string value)
    {
        var options = Keys().Options;
        typeof(MailOptions).GetProperty(property)!.SetValue(options, value);

        Assert.Contains(Faults(options), f => f.Contains(named, StringComparison.Ordinal));
    }

    [Fact]
    public void A_password_is_never_sent_in_clear_to_another_machine()
    {
        var options = Mails.Options(25) with { Host = "smtp.example.org", UserName = "cms", Password = "a secret" };

        Assert.Contains("Cms__Mail__Security", Assert.Single(Faults(options)), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", options.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Both_forms_of_an_RSA_key_that_OpenSSL_writes_are_read(bool isTraditional)
    {
        var file = Path.Combine(folder.FullName, "key.pem");
        File.WriteAllText(file, isTraditional ? OwnRsa.Value.ExportRSAPrivateKeyPem() : OwnRsa.Value.ExportPkcs8PrivateKeyPem());

        Assert.Empty(Faults(Keys().Options with { DkimKeyFile = file }));
    }

    [Fact]
    public void A_file_that_is_no_private_key_is_refused_without_its_words()
    {
        var file = Path.Combine(folder.FullName, "key.pem");
        foreach (var text in new[] { OwnRsa.Value.ExportSubjectPublicKeyInfoPem(), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", "-----BEGIN RSA PRIVATE KEY-----\n!!\n", "secret" })
        {
            File.WriteAllText(file, text);

            Assert.DoesNotContain("c2Vjc", Assert.Single(Faults(Keys().Options with { DkimKeyFile = file })), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_weak_key_is_refused()
    {
        var file = Path.Combine(folder.FullName, "weak.pem");
        using var weak = RSA.Create(768);
        File.WriteAllText(file, weak.ExportPkcs8PrivateKeyPem());

        Assert.Contains("1024", Assert.Single(Faults(Keys().Options with { DkimKeyFile = file })), StringComparison.Ordinal);
    }

    private static DkimSigning Signing(MailOptions options) => DkimSigning.Of(options) ?? throw new InvalidOperationException("It does not sign.");

    private static List<string> Faults(MailOptions options)
    {
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(options, new(options), faults, validateAllProperties: true);
        return [.. faults.Select(f => f.ErrorMessage ?? "")];
    }

    private (MailOptions Options, KeyLocator Keys) Keys()
    {
        var (rsaFile, edFile) = (Path.Combine(folder.FullName, "rsa.pem"), Path.Combine(folder.FullName, "ed25519.pem"));
        var rsa = OwnRsa.Value;
        File.WriteAllText(rsaFile, rsa.ExportRSAPrivateKeyPem());
        var generator = new Ed25519KeyPairGenerator();
        generator.Init(new Ed25519KeyGenerationParameters(new SecureRandom()));
        var ed = generator.GenerateKeyPair();
        using (var pem = new PemWriter(File.CreateText(edFile))) pem.WriteObject(new Pkcs8Generator(ed.Private));
        return (Mails.Options(25) with { DkimDomain = "example.org", DkimSelector = "r1", DkimKeyFile = rsaFile, DkimEd25519Selector = "e1", DkimEd25519KeyFile = edFile },
            new KeyLocator(new() { ["r1"] = DotNetUtilities.GetRsaPublicKey(rsa), ["e1"] = ed.Public }));
    }

    private sealed class KeyLocator(Dictionary<string, AsymmetricKeyParameter> keys) : IDkimPublicKeyLocator
    {
        public AsymmetricKeyParameter LocatePublicKey(string methods, string domain, string selector, CancellationToken cancellationToken = default) => keys[selector];

        public Task<AsymmetricKeyParameter> LocatePublicKeyAsync(string methods, string domain, string selector, CancellationToken cancellationToken = default) => Task.FromResult(keys[selector]);
    }
}
