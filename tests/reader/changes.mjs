// What changes, and what an editor may type.
import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { reader } from './newsroom.mjs';
import { validate } from './validate.mjs';

const fileOf = (out, path) => join(out, decodeURIComponent(path), 'index.html');
const isThere = file => access(file).then(() => true, () => false);
const since = out => ['--since', join(out, '.cursor')];

// Whatever stands in a field of plain text is text on the page; withdrawn, it is nowhere.
export async function hostile({ newsroom, make, out, readers }) {
  const evil = name => `</title></script><script>document.title='${name}';alert(1)</script><img src=x onerror="alert('${name}')"> "${name}" & '${name}'`;
  const section = await newsroom.section('culture');
  const published = await newsroom.publish({
    language: 'fr', kicker: '</title><script>alert(1)</script>"é" & \'', headline: evil('headline'), standfirst: evil('standfirst'), sectionId: section.id, tags: ['<b onclick="x">mot'],
    credits: [{ role: 'author', name: evil('author') }], sources: [{ name: evil('source') }], corrections: [{ text: evil('correction'), at: '2026-01-02T03:04:05Z', kind: 'minor' }],
    leadImage: { url: 'https://www.lecourrier.example/images/grues.jpg?a=%22%3E%3Cscript%3E&amp;b=1', alt: evil('alt'), caption: evil('caption'), credit: evil('credit') },
    body: [{ type: 'heading', level: 2, text: evil('heading') }, { type: 'paragraph', text: evil('paragraph') }],
  });
  const article = await newsroom.article(published.slug);
  assert.match(await make(...since(out)), /^followed: 1 changes/);
  assert.ok(await isThere(fileOf(out, article.path)));

  await validate(out);
  await readers.each(article.path, async page => {
    assert.equal(await page.locator('h1').textContent(), article.title);
    assert.equal(await page.locator('.standfirst').textContent(), evil('standfirst'));
    assert.equal(await page.title(), article.title.replace(/\s+/g, ' '));
    const scripts = await page.locator('script').evaluateAll(all => all.map(s => s.getAttribute('src')?.split('?')[0] ?? s.type));
    assert.deepEqual(scripts.filter(s => s !== 'application/ld+json'), ['/copy.js']);
    assert.equal(await page.locator('[onerror], [onclick]').count(), 0);
  });
  await readers.each('/culture', async page => assert.ok((await page.locator('main').textContent()).includes(evil('headline'))));

  const withdrawn = await newsroom.act(published, 'withdraw');
  assert.match(await make(...since(out)), /^followed: 1 changes/);
  assert.equal(await isThere(fileOf(out, article.path)), false, 'the page of a withdrawn article is gone');
  for (const list of ['', 'culture']) assert.ok(!(await readFile(join(out, list, 'index.html'), 'utf8')).includes('onerror'), `/${list} shows what was withdrawn`);
  await newsroom.delete(withdrawn);
}

// A new slug: the page is at the new address, and the old one leads there.
export async function moves({ newsroom, make, out, readers }) {
  const section = await newsroom.section('sport');
  const first = await newsroom.publish({ language: 'fr', headline: 'Le pont ferme', sectionId: section.id, body: [{ type: 'paragraph', text: 'Pour un mois.' }] });
  await make(...since(out));
  const second = await newsroom.act(await newsroom.change(first, { slug: 'le-pont-est-ferme' }), 'publish');
  await make(...since(out));
  await readers.each('/sport/le-pont-est-ferme', async page => assert.equal(await page.locator('h1').textContent(), 'Le pont ferme'));
  const old = await readFile(fileOf(out, '/sport/le-pont-ferme'), 'utf8');
  assert.match(old, /url=\/sport\/le-pont-est-ferme"/);
  assert.match(await readFile(join(out, '_redirects'), 'utf8'), /^\/sport\/le-pont-ferme \/sport\/le-pont-est-ferme 301$/m);
  await validate(out);
  await newsroom.delete(await newsroom.act(second, 'withdraw'));
  await make(...since(out));
  for (const path of ['/sport/le-pont-ferme', '/sport/le-pont-est-ferme']) assert.equal(await isThere(fileOf(out, path)), false, path);
}

// A cursor older than withdrawals are told for is answered 410; the reader begins anew.
export async function beginsAnew({ address, out, article }) {
  let refused = 0;
  const service = createServer(async (request, response) => {
    if (request.url.startsWith('/delivery/v1/changes?since=')) {
      refused++;
      return response.writeHead(410, { 'Content-Type': 'application/problem+json' }).end('{"type":"/problems/cursor-expired","status":410}');
    }
    const answer = await fetch(address + request.url);
    response.writeHead(answer.status, { 'Content-Type': 'application/json', ETag: answer.headers.get('etag') ?? '' }).end(Buffer.from(await answer.arrayBuffer()));
  });
  service.listen(0, 'localhost');
  await once(service, 'listening');
  try {
    const form = (await readFile(fileOf(out, article.path), 'utf8')).match(/action="([^"]+)"/)[1];
    assert.match(await reader('--api', `http://localhost:${service.address().port}`, '--out', out, '--newsletter', form, ...since(out)), /^made anew: .* 0 removed/);
    assert.equal(refused, 1);
  } finally {
    service.closeAllConnections();
    service.close();
  }
}
