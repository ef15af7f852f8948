// node check.mjs ADDRESS: feeds and sitemaps are what parsers and schemas that are not ours take, and say what delivery says.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseFeed as parseStrictly } from 'feedsmith';
import { parseFeed } from '@rowanmanning/feed-parser';
import { RelaxNGValidator, XmlDocument, XsdValidator } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';

xmlRegisterFsInputProviders();
const address = process.argv[2];
const text = async (path, type) => {
  const answer = await fetch(address + path);
  assert.equal(answer.status, 200, path);
  assert.equal(answer.headers.get('content-type').split(';')[0], type, path);
  return answer.text();
};
const schema = (name, Validator) => {
  const file = new URL(`schemas/${name}`, import.meta.url);
  return Validator.fromDoc(XmlDocument.fromBuffer(readFileSync(file), { url: file.pathname }));
};

const atomSchema = schema('atom.rng', RelaxNGValidator), mapSchema = schema('sitemap-all.xsd', XsdValidator), indexSchema = schema('sitemap-index.xsd', XsdValidator);
const list = await (await fetch(`${address}/delivery/v1/articles`)).json();
const titles = list.items.map(a => a.title);

const section = list.items[0].section.slug, tag = list.items.flatMap(a => a.tags)[0].slug, author = list.items.flatMap(a => a.credits).find(c => c.slug).slug;
for (const feed of ['articles', `sections/${section}`, `tags/${encodeURIComponent(tag)}`, `authors/${encodeURIComponent(author)}`]) {
  const [rss, atom, json] = [
    await text(`/feeds/${feed}.rss`, 'application/rss+xml'), await text(`/feeds/${feed}.atom`, 'application/atom+xml'), await text(`/feeds/${feed}.json`, 'application/feed+json')];
  atomSchema.validate(XmlDocument.fromString(atom));
  XmlDocument.fromString(rss);
  const parsed = [rss, atom].map(f => parseFeed(f));
  const strict = [rss, atom, json].map(f => parseStrictly(f));
  assert.deepEqual(strict.map(s => s.format), ['rss', 'atom', 'json'], feed);
  const [r, a, j] = strict.map(s => s.feed);
  assert.deepEqual(r.items.map(i => i.title), j.items.map(i => i.title), feed);
  assert.deepEqual(a.entries.map(e => e.id), j.items.map(i => i.id), feed);
  assert.deepEqual(r.items.map(i => i.guid.value), j.items.map(i => i.id), feed);
  assert.ok(r.items.every(i => i.guid.isPermaLink === false && !Number.isNaN(Date.parse(i.pubDate)) && i.title && i.link), feed);
  for (const [form, one] of [['rss', parsed[0]], ['atom', parsed[1]]]) {
    assert.equal(one.title, j.title, `${feed}.${form}`);
    assert.deepEqual(one.items.map(i => i.url), j.items.map(i => i.url), `${feed}.${form}`);
    assert.deepEqual(one.items.map(i => i.published.toISOString()), JSON.parse(json).items.map(i => new Date(Math.floor(new Date(i.date_published) / 1000) * 1000).toISOString()), `${feed}.${form}`);
  }
  if (feed === 'articles') assert.deepEqual(j.items.map(i => i.title), titles.slice(0, j.items.length));
}

const index = await text('/sitemaps/index.xml', 'application/xml');
indexSchema.validate(XmlDocument.fromString(index));
const maps = [...index.matchAll(/<loc>([^<]+)<\/loc>/g)].map(m => new URL(m[1]).pathname);
const urls = [];
for (const map of [...maps, '/sitemaps/news.xml']) {
  const xml = await text(map, 'application/xml');
  if (xml.includes('<url>')) mapSchema.validate(XmlDocument.fromString(xml)); // a schema that knows no empty set
  if (map.includes('articles-')) urls.push(...[...xml.matchAll(/<loc>([^<]+)<\/loc>/g)].map(m => m[1]));
}

for (const article of list.items) assert.ok(urls.includes(article.url.replaceAll('&', '&amp;')), article.url);
console.log(`feeds in three forms and ${maps.length + 1} sitemaps are valid, by feedsmith, feed-parser, libxml2 and sitemaps.org's schema`);
