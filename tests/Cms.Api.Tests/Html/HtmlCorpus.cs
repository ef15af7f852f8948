using CsCheck;

namespace Cms.Api.Tests.Html;

/// <summary>Attacks of the OWASP cheat sheet's kind, the classics of mutation XSS, and fragments to make new ones of.</summary>
internal static class HtmlCorpus
{
    public static readonly string[] Attacks =
    [
        "<script>alert(1)</script>", "<SCRIPT SRC=//x.example/x.js></SCRIPT>", "<scr<script>ipt>alert(1)</scr</script>ipt>", "<<script>alert(1);//<</script>",
        "<img src=x onerror=alert(1)>", "<IMG SRC=\"javascript:alert(1)\">", "<img src=`javascript:alert(1)`>", "<img \"\"\"><script>alert(1)</script>\">",
        "<img src=\"data:image/svg+xml;base64,PHN2Zz4=\">", "<img/src/onerror=alert(1)>", "<img src='/x' srcset='javascript:alert(1)'>", "<image src=x onerror=alert(1)>",
        "<a href=\"javascript:alert(1)\">x</a>", "<a href=\"JaVaScRiPt:alert(1)\">x</a>", "<a href=\"jav&#x09;ascript:alert(1)\">x</a>", "<a href=\"&#1;javascript:alert(1)\">x</a>",
        "<a href=\"&#106;&#97;&#118;&#97;&#115;&#99;&#114;&#105;&#112;&#116;&#58;alert(1)\">x</a>", "<a href=\"java\nscript:alert(1)\">x</a>", "<a href=\" \u00A0javascript:alert(1)\">x</a>",
        "<a href=\"javascript&colon;alert(1)\">x</a>", "<a href=\"vbscript:x\">x</a>", "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>", "<a href=\"//evil.example\">x</a>",
        "<a href=\"/\\evil.example\">x</a>", "<a href=\"/&Tab;/evil.example\">x</a>", "<a href=\"\\\\evil.example\">x</a>", "<a href=\"http:evil.example\">x</a>", "<a href=\"blob:https://x\">x</a>",
        "<a href=x onclick=alert(1) style=color:red id=a name=b>x</a>", "<a href='/x\" onmouseover=\"alert(1)'>x</a>", "<p style=\"background:url(javascript:alert(1))\">x</p>",
        "<svg onload=alert(1)>", "<svg><script>alert(1)</script></svg>", "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>", "<svg/onload=alert(1)//",
        "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>", "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
        "<math><annotation-xml encoding=\"text/html\"><p><style><img src=x onerror=alert(1)></style></annotation-xml></math>", "<svg><foreignObject><p>x</p><script>alert(1)</script></foreignObject></svg>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>", "<template><script>alert(1)</script></template>", "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\">",
        "<title><a title=\"</title><img src=x onerror=alert(1)>\">", "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\">", "<plaintext><img src=x onerror=alert(1)>", "<noembed><img src=x onerror=alert(1)></noembed>",
        "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>", "<iframe src=javascript:alert(1)>", "<object data=javascript:alert(1)><p>x</p></object>", "<embed src=javascript:alert(1)>",
        "<base href=//evil.example>", "<meta http-equiv=refresh content=\"0;url=javascript:alert(1)\">", "<link rel=stylesheet href=//evil.example>", "<style>@import '//evil.example'</style>",
        "<!--<img src=x onerror=alert(1)>-->", "<!--><img src=x onerror=alert(1)>-->", "<![CDATA[<img src=x onerror=alert(1)>]]>", "<?xml version=1?><p>x", "<!doctype html><html><head><title>x</title></head><body onload=alert(1)><p>x",
        "<body onload=alert(1)>", "<frameset onload=alert(1)><frame src=javascript:alert(1)></frameset>", "<input autofocus onfocus=alert(1)>", "<details open ontoggle=alert(1)><summary>x</summary></details>",
        "<video><source onerror=alert(1)></video>", "<audio src=x onerror=alert(1)>", "<form action=javascript:alert(1)><button formaction=javascript:alert(1)>x</button></form>", "<isindex type=image src=1 onerror=alert(1)>",
        "<table><a href=/x>1<table><a href=/y>2</table></table>", "<a href=/x>1<a href=/y>2</a></a>", "<p>1<p>2</p></p>", "<p>1<table><tr><td>2</table>3", "<table>1<tr>2<td>3</table>4", "<table><caption>c</caption><colgroup><col></colgroup><tfoot><tr><th>f</table>",
        "<pre>\nx</pre>", "<pre>\n\nx</pre>", "<pre>&#10;&#10;x</pre>", "<pre><em>\nx</em></pre>", "<h2>1<h3>2</h3></h2>", "<h2><p>1</p><p>2</p></h2>", "<strong><p>1</p>2</strong>", "<em><ul><li>1<li>2</ul></em>", "<b><i>1</b>2</i>",
        "<ul>1<li>2</li>3<ul><li>4</ul></ul>", "<li>1</li>", "<td>1</td>", "<figcaption>1</figcaption>", "<figure><img src=/x><div><figcaption>1</figcaption></div></figure>", "<ul><figcaption>1</figcaption></ul>", "<div>1</div>\n<div>2</div>3<hr>4",
        "<em>&#x338;x</em>", "&lt;&#x338;", "e<!-- -->\u0301", "e&#x301;", "a&#0;b&#xD800;c&#x80;d\re&#13;f", "<a title=\"&#13;&#10;&quot;>\">x</a>", "&amp;lt;script&amp;gt;", "&ltscript&gt", "&notit;", "<", "</", "<a", "<a href=\"", "&", "&#", "&#x", "<p/>x", "</p>", "</br>x",
        "<p><select><xmp></xmp><select>", "<select><option>x<p>y</select>",
    ];

    private static readonly string[] Tags = "a p strong b em i code sub sup br h1 h2 h3 pre ul ol li blockquote figure figcaption table caption thead tbody tfoot tr td th hr img div span font nobr form select option button svg math mtext mglyph foreignObject desc annotation-xml style script template noscript title textarea xmp plaintext iframe object p body html head frameset col dd dt ruby rt marquee listing input".Split(' ');

    private static readonly string[] Texts =
        ["x", " ", "\n", "\n\n", "&lt;", "&amp;", "&quot;", "&#10;", "&#13;", "&#x338;", "\u0338", "e", "\u0301", "\u00A0", "<!--", "-->", "<![CDATA[", "]]>", "\"", "'", "<", ">", "\t", "\r\n", "\f", "\0", "😀", "&nbsp;", "\u202E", "&#x202e;", "\uFEFF"];

    private static readonly string[] Attributes =
        [" href=/a", " href=\"https://x.example/?a=1&amp;b=2\"", " href=\"javascript:alert(1)\"", " src=/i", " src=\"java&Tab;script:x\"", " alt=\"</style><img src=x onerror=alert(1)>\"", " title='&quot;>\n'", " target=_blank", " onclick=alert(1)", " width=10", " encoding=text/html", " /"];

    private static Gen<string> One(string[] of) => Gen.Int[0, of.Length - 1].Select(i => of[i]);

    public static readonly Gen<string> Fragment = Gen.Frequency(
        (4, Gen.Select(One(Tags), One(Attributes).Array[0, 2]).Select((tag, attributes) => $"<{tag}{string.Concat(attributes)}>")),
        (3, One(Tags).Select(tag => $"</{tag}>")),
        (3, One(Texts)),
        (1, One(Attacks))).Array[0, 25].Select(string.Concat);
}
