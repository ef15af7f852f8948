// An article's page, from one answer: GET /delivery/v1/articles/{slug}?include=head&render=html.
import { address, html, safe } from './html.mjs';
import { own, ownBody, page } from './shell.mjs';
import { and, dateOf, direction, minutesOf, nameOf, say } from './words.mjs';

export const articlePage = (look, article) => page(look, {
  head: safe(article.head.html), language: article.language, here: article.section?.path, kind: 'reading', main: whole(look, article),
});

const whole = (look, article) => html`<article class="story">
<header>
${article.section && html`<p class="section"><a href="${address(article.section.path)}">${article.section.name}</a></p>`}
<h1>${headline(look, article)}</h1>
${article.standfirst && html`<p class="standfirst">${article.standfirst}</p>`}
${byline(article)}
<p class="dates">${dates(look, article)}</p>
${translations(look, article)}
</header>
${article.leadImage && picture(look, article.leadImage)}
${share(article)}
<div class="body">
${ownBody(look, article.html)}
</div>
<footer>
${corrections(look, article)}
${sources(article)}
${tags(look, article)}
</footer>
</article>
${related(look, article)}
${newsletter(look, article)}`;

// The separator is for those who hear or copy the line; the eye has colour and a line of its own.
export const headline = (look, { kicker, headline }) => html`${kicker && html`<span class="kicker">${kicker}<span class="unseen">${look.site.kickerSeparator}</span></span>`}${unbroken(headline)}`;

// "Kim Jong-un" is not broken at its hyphen.
const unbroken = text => text.split(/(\S+-\S+)/).map((part, i) => i % 2 === 1 && part.length <= 20 ? html`<span class="unbroken">${part}</span>` : part);

function byline({ credits, language }) {
  if (credits.length === 0) return null;
  const people = new Map(credits.map(c => [c.name, c]));
  const names = and([...people.keys()], language).map(({ type, value }) => {
    const path = type === 'element' && people.get(value).path;
    return path ? html`<a href="${address(path)}" rel="author">${value}</a>` : value;
  });
  return html`<p class="byline">${say('by', language)} ${names}</p>`;
}

function dates(look, { firstPublishedAt, updatedAt, readingMinutes, language }) {
  const time = instant => html`<time datetime="${instant}">${dateOf(instant, language, look.site.timeZone)}</time>`;
  const revised = Date.parse(updatedAt) - Date.parse(firstPublishedAt) > 60_000;
  return html`<span>${say('published', language)} ${time(firstPublishedAt)}</span>${revised && html`
<span>${say('updated', language)} ${time(updatedAt)}</span>`}
<span>${say('reading', language)} ${minutesOf(readingMinutes, language)}</span>`;
}

const translations = (look, { translations, language }) => translations.length > 0 && html`<p class="languages">${say('otherLanguages', language)}
${translations.map((t, i) => html`${i > 0 && ', '}<a href="${address(own(look, t.url))}" lang="${t.language}" hreflang="${t.language}">${nameOf(t.language, t.language)}</a>`)}</p>`;

const picture = (look, { url, alt, caption, credit, width, height }) => html`<figure class="lead">
<img src="${address(own(look, url))}" alt="${alt}"${width && html` width="${width}"`}${height && html` height="${height}"`} fetchpriority="high">
${(caption || credit) && html`<figcaption>${caption} ${credit && html`<small>${credit}</small>`}</figcaption>`}
</figure>`;

// Plain links: nothing of a network is loaded before the reader goes there.
const share = ({ share, language }) => html`<aside class="share" aria-labelledby="share">
<h2 id="share">${share.label}</h2>
<ul>${share.links.map(link => html`
<li><a href="${address(link.url)}" rel="nofollow noopener" data-network="${link.network}"${link.network === 'copy' && html` data-copied="${say('copied', language)}"`}>${link.label}</a></li>`)}
</ul>
</aside>`;

const corrections = (look, { corrections, language }) => corrections.length > 0 && html`<section class="corrections" aria-labelledby="corrections">
<h2 id="corrections">${say('corrections', language)}</h2>
${corrections.map(c => html`<p><time datetime="${c.at}">${dateOf(c.at, language, look.site.timeZone)}</time> ${c.text}</p>
`)}</section>`;

const sources = ({ sources, language }) => sources.length > 0 && html`<p class="sources"><b>${say('sources', language)}</b>
${sources.map((s, i) => html`${i > 0 && ', '}${s.url ? html`<a href="${address(s.url)}">${s.name}</a>` : s.name}`)}</p>`;

const tags = (look, { tags, language }) => tags.length > 0 && html`<nav class="tags" aria-label="${say('subjects', language)}">
<ul>${tags.map(tag => html`
<li><a href="${look.tagPath(tag)}" rel="tag">${tag.name}</a></li>`)}
</ul>
</nav>`;

const related = (look, { related, language }) => related.length > 0 && html`<section class="related" aria-labelledby="related">
<h2 id="related">${say('related', language)}</h2>
<ul>${related.map(other => html`
<li><a href="${address(other.path)}">${headline(look, other)}</a></li>`)}
</ul>
</section>`;

// A form of HTML alone: it works without JavaScript. The answer is a page of the service.
const newsletter = (look, { language }) => look.newsletter && html`<section class="newsletter" aria-labelledby="newsletter" dir="${direction(language)}">
<p class="label">${say('newsletter', language)}</p>
<h2 id="newsletter">${say('newsletterTitle', language)}</h2>
<p>${say('newsletterText', language)}</p>
<form method="post" action="${address(look.newsletter)}">
<input type="hidden" name="language" value="${language}">
<label for="email">${say('email', language)}</label>
<input id="email" name="email" type="email" autocomplete="email" required maxlength="254" dir="ltr">
<button type="submit">${say('subscribe', language)}</button>
</form>
<p class="small">${say('confirm', language)}</p>
</section>`;
