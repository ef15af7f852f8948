using Cms.Domain.Newsletter;

namespace Cms.Domain.Tests.Newsletter;

public sealed class AddressAdviceTests
{
    /// <summary>Of newspapers, broadcasters, agencies, companies, universities and offices, and of mail that is near a well-known one.</summary>
    private const string RightDomains = """
        lemonde.fr lefigaro.fr liberation.fr ouest-france.fr leparisien.fr mediapart.fr lesechos.fr la-croix.com lequipe.fr humanite.fr sudouest.fr ladepeche.fr
        afp.com radiofrance.com francetv.fr tf1.fr rtl.fr letemps.ch tdg.ch nzz.ch rts.ch srf.ch lesoir.be lalibre.be rtbf.be standaard.be tijd.be
        nytimes.com washpost.com wsj.com latimes.com theguardian.com guardian.co.uk ft.com bbc.co.uk thetimes.co.uk telegraph.co.uk economist.com reuters.com
        thomsonreuters.com bloomberg.net ap.org cnn.com npr.org goal.com vox.com welt.de zeit.de taz.de faz.de faz.net bild.de spiegel.de sueddeutsche.de dpa.com
        ard.de zdf.de wdr.de ndr.de orf.at derstandard.at elpais.es elpais.com elmundo.es lavanguardia.es abc.es repubblica.it corriere.it lastampa.it ansa.it
        rai.it publico.pt expresso.pt nrc.nl volkskrant.nl dn.se svd.se aftonbladet.se politiken.dk dr.dk nrk.no vg.no yle.fi hs.fi gazeta.pl wyborcza.pl
        meduza.io novayagazeta.eu asahi.com nikkei.com abc.net.au smh.com.au cbc.ca globeandmail.com lapresse.ca radio-canada.ca
        google.com microsoft.com apple.com amazon.com orange.com laposte.fr edf.fr sncf.fr renault.com bnpparibas.com siemens.com bosch.com sap.com ibm.com
        cloud.com mail.de online.de mailbox.com protonvpn.com yahooinc.com outlook.net gouv.fr interieur.gouv.fr sorbonne-universite.fr ens.fr cnrs.fr mit.edu
        ox.ac.uk ethz.ch orage.fr laporte.net icloud.com.cn grail.com snail.com poste.it posteitaliane.it libera.it freenetmail.de telnet.com skynews.com sky.com sky.it bt.com telia.com
        gmx.de gmx.com gmx.net gmx.fr ymail.com email.com mail.com hotmail.de hotmail.com hotmail.dk hotmail.it yahoo.fr yahoo.de yahoo.it yahoo.at me.com msn.com
        web.de mail.ru ya.ru yandex.ru yandex.com yandex.by yandex.kz inbox.ru free.fr sfr.fr aol.com live.com live.fr icloud.com proton.me pm.me
        orange.es orange.pl outlook.at hotmail.gr hotmail.ch yahoo.ie yahoo.com.au yahoo.com.mx yahoo.com.ar hotmail.com.ar outlook.com.au centrum.sk
        """;

    public static TheoryData<string> Right => [.. RightDomains.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Distinct()];

    private static EmailAddress At(string domain) =>
        EmailAddress.TryParse($"Léa.B+x@{domain}", out var address, out var reason) ? address : throw new ArgumentException(reason, nameof(domain));

    [Theory]
    [InlineData("gmial.com", "gmail.com")]
    [InlineData("GMIAL.com", "gmail.com")]
    [InlineData("gamil.com", "gmail.com")]
    [InlineData("gnail.com", "gmail.com")]
    [InlineData("gmai.com", "gmail.com")]
    [InlineData("gmaill.com", "gmail.com")]
    [InlineData("mgail.com", "gmail.com")]
    [InlineData("gmail.fr", "gmail.com")]
    [InlineData("gmail.con", "gmail.com")]
    [InlineData("gmail.co", "gmail.com")]
    [InlineData("gmail.cm", "gmail.com")]
    [InlineData("gmail.cmo", "gmail.com")]
    [InlineData("gmail.comm", "gmail.com")]
    [InlineData("gmail.co.uk", "gmail.com")]
    [InlineData("gmial.con", "gmail.com")]
    [InlineData("hotmal.fr", "hotmail.fr")]
    [InlineData("homtail.fr", "hotmail.fr")]
    [InlineData("hotmial.com", "hotmail.com")]
    [InlineData("hotmail.co", "hotmail.com")]
    [InlineData("hotmail.ft", "hotmail.fr")]
    [InlineData("hotmail.fr.com", "hotmail.fr")]
    [InlineData("yaho.fr", "yahoo.fr")]
    [InlineData("yahooo.fr", "yahoo.fr")]
    [InlineData("yhaoo.fr", "yahoo.fr")]
    [InlineData("yahoo.con", "yahoo.com")]
    [InlineData("yahoo.com.com", "yahoo.com")]
    [InlineData("ornage.fr", "orange.fr")]
    [InlineData("orange.fe", "orange.fr")]
    [InlineData("orange.frr", "orange.fr")]
    [InlineData("orange.fr.com", "orange.fr")]
    [InlineData("wandoo.fr", "wanadoo.fr")]
    [InlineData("wanadou.fr", "wanadoo.fr")]
    [InlineData("lapost.net", "laposte.net")]
    [InlineData("laposte.ner", "laposte.net")]
    [InlineData("outlok.com", "outlook.com")]
    [InlineData("outllook.fr", "outlook.fr")]
    [InlineData("iclod.com", "icloud.com")]
    [InlineData("icould.com", "icloud.com")]
    [InlineData("icloud.fr", "icloud.com")]
    [InlineData("protn.me", "proton.me")]
    [InlineData("protomail.com", "protonmail.com")]
    [InlineData("prontomail.com", "protonmail.com")]
    [InlineData("gogglemail.com", "googlemail.com")]
    [InlineData("t-onlin.de", "t-online.de")]
    [InlineData("yandes.ru", "yandex.ru")]
    [InlineData("bleuwin.ch", "bluewin.ch")]
    [InlineData("lemonde.con", "lemonde.com")] // no such top-level domain
    [InlineData("free.frr", "free.fr")]
    [InlineData("gmx.ner", "gmx.net")]
    public void A_slip_is_asked_about(string typed, string meant) => Assert.Equal($"Léa.B+x@{meant}", AddressAdvice.Suggestion(At(typed)));

    [Theory]
    [MemberData(nameof(Right))]
    public void A_right_address_is_not_doubted(string domain) => Assert.Null(AddressAdvice.Suggestion(At(domain)));

    [Fact]
    public void A_right_address_costs_no_memory()
    {
        var address = At("lemonde.fr");
        _ = AddressAdvice.Suggestion(address);
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < 100; i++) _ = AddressAdvice.Suggestion(address);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void The_longest_domain_is_looked_at() =>
        Assert.Null(AddressAdvice.Suggestion(At($"{new string('g', 63)}.{new string('m', 63)}.{new string('a', 63)}.com")));
}
