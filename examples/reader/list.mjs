// Pages of lists: the front page, sections, authors, subjects. And the two pages that are none of these: moved, and missing.
import { headline } from './article.mjs';
import { address, html, safe } from './html.mjs';
import { head, own, page } from './shell.mjs';
import { dayOf, direction, say } from './words.mjs';

// Slugs have no underscore, so that no article and no section can ever want this address.
export const pathOf = (path, number) => number === 1 ? path : `${path === '/' ? '' : path}/page_${number}`;

export function listPage(look, { name, description, path, language, here, isFront }, items, number, count) {
  const title = [isFront ? null : name, look.site.name, number > 1 ? `${say('page', language)} ${number}` : null].filter(Boolean).join(' · ');
  return page(look, {
    head: head(look, { title, description, path: pathOf(path, number) }), language, here, kind: isFront ? 'front' : 'list',
    main: html`<header class="title${isFront && ' unseen'}">
<h1>${name}</h1>
${description && html`<p>${description}</p>`}
</header>
${items.length === 0 ? html`<p class="nothing">${say('nothing', language)}</p>` : number === 1 ? opening(look, items, language) : rows(look, items)}
${count > 1 && pager(path, number, count, language)}`,
  });
}

// The newest first and large, three beside each other, the rest in rows.
const opening = (look, items, language) => html`<div class="opening">
${items.slice(0, 1).map(item => card(look, item, 'first'))}
${items.slice(1, 4).map(item => card(look, item, 'second'))}
</div>
${items.length > 4 && html`<h2 class="latest">${say('latest', language)}</h2>
${rows(look, items.slice(4))}`}`;

const rows = (look, items) => html`<div class="rows">
${items.map(item => card(look, item, 'row'))}
</div>`;

// The picture says nothing that the headline beside it does not: its alt is empty.
const card = (look, item, kind) => html`<article class="card ${kind}" lang="${item.language}" dir="${direction(item.language)}">
${item.leadImage && html`<img src="${address(own(look, item.leadImage.url))}" alt=""${item.leadImage.width && html` width="${item.leadImage.width}"`}${item.leadImage.height && html` height="${item.leadImage.height}"`}${kind !== 'first' && safe(' loading="lazy"')}>
`}<div>
<${tag(kind)}><a href="${address(item.path)}">${headline(look, item)}</a></${tag(kind)}>
${item.standfirst && html`<p>${item.standfirst}</p>`}
<p class="dates">${item.section && item.section.name !== item.kicker && html`<span>${item.section.name}</span>`}<time datetime="${item.firstPublishedAt}">${dayOf(item.firstPublishedAt, item.language, look.site.timeZone)}</time></p>
</div>
</article>
`;
const tag = kind => safe(kind === 'row' ? 'h3' : 'h2');

const pager = (path, number, count, language) => html`<nav class="pager" aria-label="${say('pages', language)}">
${number > 1 && html`<a href="${pathOf(path, number - 1)}" rel="prev">${say('newer', language)}</a>`}
<span>${say('page', language)} ${number} / ${count}</span>
${number < count && html`<a href="${pathOf(path, number + 1)}" rel="next">${say('older', language)}</a>`}
</nav>`;

// A host of files cannot answer 301: this leads on at once, and tells search engines which address counts.
export const movedPage = (look, path) => page(look, {
  head: html`${head(look, { title: say('moved', look.site.language), path, robots: 'noindex' })}
<meta http-equiv="refresh" content="0; url=${path}">`,
  language: look.site.language, kind: 'moved',
  main: html`<h1>${say('moved', look.site.language)}</h1>
<p><a href="${path}">${look.site.baseUrl}${path}</a></p>`,
});

export const missingPage = look => page(look, {
  head: head(look, { title: say('missing', look.site.language), path: '/404.html', robots: 'noindex' }), language: look.site.language, kind: 'moved',
  main: html`<h1>${say('missing', look.site.language)}</h1>
<p><a href="/">${say('home', look.site.language)}</a></p>`,
});
