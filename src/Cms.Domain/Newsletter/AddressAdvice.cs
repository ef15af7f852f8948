using System.Collections.Frozen;

namespace Cms.Domain.Newsletter;

/// <summary>
/// What a reader may have meant who typed <c>gmial.com</c>. It is a question to ask, never a reason to refuse: so it would rather miss a slip
/// than doubt a right address.
/// <list type="bullet">
/// <item>A top-level domain that is none, such as <c>.con</c>, is mended anywhere.</item>
/// <item>The first label of a well-known domain is mended by one slip (a letter left out, put in, changed or two swapped), long ones by two; its first
/// letter has to stand, if only swapped with the second, and short ones (<c>gmx</c>, <c>free</c>, <c>mail</c>) are left alone: too many names are near them.</item>
/// <item>What follows it is mended by one slip where no country has what was typed.</item>
/// </list>
/// </summary>
public static class AddressAdvice
{
    private const int ShortestLabel = 5, ShortestForTwoSlips = 9;

    /// <summary>Of the labels and suffixes of <see cref="WellKnown"/>.</summary>
    private const int LongestLabel = 16;

    /// <summary>Where a slip is mended to; the first that fits is taken, so the most used come first.</summary>
    private static readonly (string Label, string Suffix)[] WellKnown = [.. Split("""
        gmail.com hotmail.com outlook.com yahoo.com icloud.com orange.fr wanadoo.fr hotmail.fr laposte.net yahoo.fr outlook.fr googlemail.com proton.me
        protonmail.com protonmail.ch yandex.ru yandex.com t-online.de freenet.de mailbox.org hotmail.de outlook.de yahoo.de hotmail.co.uk
        yahoo.co.uk btinternet.com outlook.it hotmail.it yahoo.it libero.it virgilio.it tiscali.it outlook.es hotmail.es yahoo.es outlook.be hotmail.be
        skynet.be telenet.be proximus.be bluewin.ch hispeed.ch rambler.ru numericable.fr aliceadsl.fr club-internet.fr
        outlook.pt hotmail.pt yahoo.com.br hotmail.com.br outlook.com.br yahoo.ca hotmail.ca videotron.ca sympatico.ca verizon.net comcast.net
        bellsouth.net sbcglobal.net rocketmail.com fastmail.com tutanota.com hushmail.com yahoo.co.jp yahoo.co.in rediffmail.com hanmail.net
        seznam.cz centrum.cz interia.pl ziggo.nl hotmail.nl xs4all.nl
        """)];

    /// <summary>Right as they are: those above, and others' that are one slip from them.</summary>
    private static readonly FrozenSet<string> Right = WellKnown.Select(w => $"{w.Label}.{w.Suffix}")
        .Concat(Words("grail.com orage.fr oranges.fr libera.it laporte.net icloud.com.cn")).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Top-level domains that do not exist, and the one that was meant.</summary>
    private static readonly FrozenDictionary<string, string> NoTopLevel = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["con"] = "com",
        ["cmo"] = "com",
        ["ocm"] = "com",
        ["comm"] = "com",
        ["coom"] = "com",
        ["ccom"] = "com",
        ["vom"] = "com",
        ["xom"] = "com",
        ["cim"] = "com",
        ["cpm"] = "com",
        ["ner"] = "net",
        ["nte"] = "net",
        ["nett"] = "net",
        ["ogr"] = "org",
        ["orgg"] = "org",
        ["frr"] = "fr",
        ["rf"] = "fr",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Country-code top-level domains (ISO 3166-1, and <c>eu su uk ac</c>), with spaces between.</summary>
    private const string Countries = " ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch "
        + "ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy "
        + "hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml "
        + "mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc "
        + "sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye "
        + "yt za zm zw ";

    /// <summary>The address that may have been meant, whole; null where there is nothing to ask.</summary>
    public static string? Suggestion(EmailAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var at = address.Value.LastIndexOf('@');
        var domain = address.Value.AsSpan(at + 1);
        if (Right.GetAlternateLookup<ReadOnlySpan<char>>().Contains(domain)) return null;

        var lastDot = domain.LastIndexOf('.');
        var mended = NoTopLevel.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(domain[(lastDot + 1)..], out var meant)
            ? $"{domain[..lastDot]}.{meant}" : null;
        return (MeantBy(mended ?? domain) ?? mended) is { } found ? $"{address.Value.AsSpan(..at)}@{found}" : null;
    }

    private static string? MeantBy(ReadOnlySpan<char> domain)
    {
        var dot = domain.IndexOf('.');
        var label = domain[..dot];
        var suffix = domain[(dot + 1)..];
        if (Right.GetAlternateLookup<ReadOnlySpan<char>>().Contains(domain)) return null;

        foreach (var known in WellKnown)
            if ((suffix.SequenceEqual(known.Suffix) && IsSlip(label, known.Label)) || (label.SequenceEqual(known.Label) && IsSlipOfSuffix(suffix, known)))
                return $"{known.Label}.{known.Suffix}";
        return null;
    }

    private static bool IsSlip(ReadOnlySpan<char> typed, string meant) =>
        meant.Length >= ShortestLabel
        && (typed[0] == meant[0] || (typed[0] == meant[1] && typed[1] == meant[0]))
        && Distance(typed, meant) <= (MayTakeTwoSlips(typed, meant) ? 2 : 1);

    /// <summary>Long ones, and <c>icould</c> for <c>icloud</c>: the same letters in another order.</summary>
    private static bool MayTakeTwoSlips(ReadOnlySpan<char> typed, string meant) => meant.Length >= ShortestForTwoSlips
        || (meant.Length > ShortestLabel && typed.Length == meant.Length && !typed.ContainsAnyExcept(meant));

    /// <summary>
    /// gmail.com and icloud.com are the one domain of their label, so whatever follows is a slip; elsewhere what a country has is none, but <c>.co</c>,
    /// <c>.cm</c> and <c>.om</c> for <c>.com</c>: the providers have no domain there.
    /// </summary>
    private static bool IsSlipOfSuffix(ReadOnlySpan<char> typed, (string Label, string Suffix) known) =>
        known.Label is "gmail" or "icloud"
        || (known.Label.Length >= ShortestLabel
            && ((typed.EndsWith(".com", StringComparison.Ordinal) && typed[..^4].SequenceEqual(known.Suffix))
                || (Distance(typed, known.Suffix) == 1 && (!IsCountry(typed) || (known.Suffix == "com" && typed is "co" or "cm" or "om")))));

    private static bool IsCountry(ReadOnlySpan<char> suffix) =>
        suffix[(suffix.LastIndexOf('.') + 1)..] is { Length: 2 } top && Countries.AsSpan().Contains(top, StringComparison.Ordinal);

    /// <summary>Optimal string alignment: letters left out, put in, changed, and neighbours swapped.</summary>
    private static int Distance(ReadOnlySpan<char> typed, ReadOnlySpan<char> meant)
    {
        if (Math.Abs(typed.Length - meant.Length) > 2) return int.MaxValue;
        var width = meant.Length + 1;
        Span<int> rows = stackalloc int[3 * (LongestLabel + 1)];
        var before = rows[..width];
        var last = rows.Slice(width, width);
        var row = rows.Slice(2 * width, width);
        for (var j = 0; j < width; j++) last[j] = j;
        for (var i = 1; i <= typed.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j < width; j++)
            {
                row[j] = Math.Min(Math.Min(last[j] + 1, row[j - 1] + 1), last[j - 1] + (typed[i - 1] == meant[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && typed[i - 1] == meant[j - 2] && typed[i - 2] == meant[j - 1]) row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            var oldest = before;
            before = last;
            last = row;
            row = oldest;
        }

        return last[meant.Length];
    }

    private static IEnumerable<(string Label, string Suffix)> Split(string domains) =>
        Words(domains).Select(d => d.IndexOf('.', StringComparison.Ordinal) is var dot ? (d[..dot], d[(dot + 1)..]) : default);

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}
