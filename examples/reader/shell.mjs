// What every page has: the document, the masthead, the sections, the foot.
import { address, html, safe } from './html.mjs';
import { direction, say } from './words.mjs';

// head: ready HTML; language: the page's; here: the path of the section that the reader is in.
export const page = (look, { head, language, here, main, kind }) => html`<!doctype html>
<html lang="${language}" dir="${direction(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${head}
<link rel="stylesheet" href="/style.css?v=${look.version}">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<script src="/copy.js?v=${look.version}" defer></script>
</head>
<body class="${kind}">
<a class="skip" href="#content">${say('skip', language)}</a>
<header class="masthead" lang="${look.site.language}" dir="${direction(look.site.language)}">
<p class="name"><a href="/">${look.site.name}</a></p>
${look.site.share.description && html`<p class="motto">${look.site.share.description}</p>`}
<nav aria-label="${say('sections', look.site.language)}">
<ul>${look.sections.map(section => html`
<li lang="${section.language}"><a href="${address(section.path)}"${section.path === here && safe(' aria-current="true"')}>${section.name}</a></li>`)}
</ul>
</nav>
</header>
<main id="content">
${main}
</main>
<footer class="foot" lang="${look.site.language}" dir="${direction(look.site.language)}">
<p><a href="/">${look.site.name}</a></p>
</footer>
</body>
</html>
`;

// The head of a page that is not an article's; that comes from the service.
export const head = (look, { title, description, path, robots }) => html`<title>${title}</title>
${description && html`<meta name="description" content="${description}">
`}${robots && html`<meta name="robots" content="${robots}">
`}<link rel="canonical" href="${look.site.baseUrl}${path}">
<meta property="og:type" content="website">
<meta property="og:site_name" content="${look.site.name}">
<meta property="og:title" content="${title}">
<meta property="og:url" content="${look.site.baseUrl}${path}">
${description && html`<meta property="og:description" content="${description}">
`}${look.site.share.image && html`<meta property="og:image" content="${look.site.share.image.url}">`}`;

// What lies on the newsroom's own site is named by its path: the page works under any host, on one's own machine too.
export const own = (look, url) => url?.startsWith(`${look.site.baseUrl}/`) ? url.slice(look.site.baseUrl.length) : url;
const quoted = look => html`="${look.site.baseUrl}/`.text;
export const ownBody = (look, body) => safe(body.replaceAll(quoted(look), '="/'));
