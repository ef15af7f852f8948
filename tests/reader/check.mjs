// node check.mjs ADDRESS TOKEN CHROMIUM SHOTS: makes the example's site of the sample newsroom, and reads it as readers do.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beginsAnew, hostile, moves } from './changes.mjs';
import { Newsroom, preview, reader } from './newsroom.mjs';
import { Readers } from './readers.mjs';
import { validate } from './validate.mjs';

const [address, token, chromium, shots] = process.argv.slice(2);
const slug = 'en-visite-en-russie-le-kremlin-revele-ce-que-kim-jong-un-a-offert-a-poutine';
const form = `${address}/newsletter/v1/subscriptions`;
const newsroom = new Newsroom(address, token);
const out = await mkdtemp(join(tmpdir(), 'cms-reader-'));
const ends = [() => rm(out, { recursive: true, force: true })];

try {
  const make = (...more) => reader('--api', address, '--out', out, '--newsletter', form, '--settle', '0', ...more); // one node: what changed shows at once
  assert.match(await make(), /^made anew: /);
  assert.match(await make('--since', join(out, '.cursor')), /^followed: 0 changes, 0 files written, 0 removed/);
  const pages = await validate(out);

  const site = await preview(out, address);
  ends.push(site.end);
  const readers = await Readers.open({ chromium, shots, site: site.address });
  ends.push(() => readers.close());

  const article = await newsroom.article(slug);
  const arabic = (await newsroom.list({ language: 'ar', limit: 1 })).items[0];
  const looks = await readers.look({ article: article.path, front: '/', section: '/international', culture: '/culture', arabic: arabic.path });

  // The page of the seed, whole and in order, with JavaScript and without.
  await readers.each(article.path, async page => {
    const told = (await page.locator('main').textContent()).replace(/\s+/g, ' ');
    let from = 0;
    for (const words of expected(article)) {
      const at = told.indexOf(words, from);
      assert.ok(at >= 0, `"${words}" is missing, or not where it belongs`);
      from = at + words.length;
    }
    assert.equal(await page.locator('h1').textContent(), article.title);
    assert.deepEqual(await page.locator('.share a').evaluateAll(links => links.map(a => a.getAttribute('href'))), article.share.links.map(l => l.url));
    for (const seen of ['h1', '.standfirst', '.share', '.body h2', '.body aside a', '.newsletter form', 'figure img']) assert.ok(await page.locator(seen).first().isVisible(), seen);
    assert.equal(await page.locator('.body aside a').getAttribute('href'), article.related[0].path);
    assert.ok(await page.locator('figure img').first().evaluate(img => img.complete && img.naturalWidth > 0), 'the picture is there');
    assert.equal(await page.locator('form').getAttribute('action'), form);
  });
  assert.equal(await readers.direction(arabic.path), 'rtl');

  await hostile({ newsroom, make, out, readers });
  await moves({ newsroom, make, out, readers });
  await beginsAnew({ address, out, article });

  // Without an address for the form there is no form.
  await reader('--api', address, '--out', out);
  assert.doesNotMatch(await readFile(join(out, article.path, 'index.html'), 'utf8'), /<form/);
  console.log(`${pages} pages valid by html-validate; ${looks} looks of 5 pages by axe without violations; the seed's article whole and in order`);
} finally {
  for (const end of ends.reverse()) await end();
}

// What the page of the seed says, in its order.
function expected({ section, kicker, headline, standfirst, share, body }) {
  const text = html => html.replace(/<[^>]+>/g, '').replaceAll('&amp;', '&').replace(/\s+/g, ' ');
  return [
    section.name, kicker, headline, standfirst, 'Partagez ce contenu', ...share.links.map(l => l.label),
    ...body.flatMap(b => b.type === 'related' ? [b.label, b.article.kicker, b.article.headline] : [text(b.text)]),
    'Newsletter', "Inscrivez-vous à notre lettre d'information", 'Saisissez votre e-mail',
  ];
}
