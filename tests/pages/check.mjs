// node check.mjs ADDRESS SLUG: what delivery gives for a page's head, as open-graph-scraper reads it, says what the article says.
import assert from 'node:assert/strict';
import ogs from 'open-graph-scraper';

const [address, slug] = process.argv.slice(2);
const json = async path => {
  const answer = await fetch(address + path);
  assert.equal(answer.status, 200, path);
  return answer.json();
};
const article = await json(`/delivery/v1/articles/${slug}?include=head&render=html`);
const html = `<!doctype html><html lang="${article.language}"><head><meta charset="utf-8">${article.head.html}</head><body>${article.html}</body></html>`;
const { error, result } = await ogs({ html });

assert.equal(error, false);
assert.equal(result.ogType, 'article');
assert.equal(result.ogTitle, article.share.title);
assert.equal(result.ogDescription, article.share.description);
assert.equal(result.ogUrl, article.share.canonicalUrl);
assert.equal(result.ogImage[0].url, article.share.image.url);
assert.equal(Number(result.ogImage[0].width), article.share.image.width);
assert.equal(result.twitterCard, article.share.card);
assert.equal(result.articlePublishedTime, new Date(article.firstPublishedAt).toISOString().replace(/\.\d+/, ''));
const [news, trail] = result.jsonLD;
assert.equal(news['@type'], 'NewsArticle');
assert.equal(news.headline, article.title);
assert.deepEqual(news.author.map(a => a.name), article.credits.filter(c => c.role === 'author').map(c => c.name));
assert.equal(trail['@type'], 'BreadcrumbList');
assert.equal(trail.itemListElement.at(-1).item, article.url);
console.log('the head reads as the article says, by open-graph-scraper');
