// TOKEN=… node pictures.mjs ADDRESS FOLDER CHROMIUM: pictures of the sample newsroom's digest for the guide to templates.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [address, folder, executablePath] = process.argv.slice(2);
const most = 60 * 1024;
const intros = {
  fr: 'Bonjour. Ce matin : des cadeaux, des grues qui se taisent et une comète.',
  en: 'Good morning. Today: gifts, cranes that fell silent, and a comet.',
  ar: 'صباح الخير. في هذا العدد: هدايا، ورافعات صامتة، ومذنَّب.',
};

// The sample newsroom writes French: what a mail in another language needs is translated here.
const translations = {
  en: [
    ['le-kremlin-revele', 'On a visit to Russia', 'The Kremlin tells what Kim Jong-un gave to Putin', 'The two men exchanged gifts on the last day of the visit.'],
    ['a-port-louvain', 'Energy', 'In Port-Louvain, the cranes learn to be silent', 'Electricity took the place of diesel, and the quays are four times as quiet. Neighbours sleep better, and so do dockers.'],
  ],
  ar: [
    ['le-kremlin-revele', 'زيارة إلى روسيا', 'الكرملين يكشف ما أهداه كيم جونغ أون إلى بوتين', 'تبادل الرجلان الهدايا في اليوم الأخير من الزيارة.'],
    ['a-port-louvain', 'طاقة', 'في بور لوفان، رافعات الميناء تتعلّم الصمت', 'حلّت الكهرباء محلّ المازوت، فانخفض ضجيج الأرصفة إلى الربع. صار الجيران ينامون أفضل، وعمّال الميناء أيضًا.'],
    ['comete-passe', 'علوم', 'مذنَّب يمرّ، ووادٍ بأكمله يطفئ أنواره', 'ثلاث ليالٍ أطفأت فيها ست عشرة بلدة مصابيح شوارعها، فرأى الناس ما كانوا قد نسوه.'],
  ],
};

// A photograph's place is taken by a drawing: the sample newsroom's pictures are on a site that is not there.
const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="630" viewBox="0 0 1200 630">
  <linearGradient id="sky" x2="0" y2="1"><stop stop-color="#24415f"/><stop offset=".7" stop-color="#d9956b"/><stop offset="1" stop-color="#f2cfa0"/></linearGradient>
  <rect width="1200" height="630" fill="url(#sky)"/><circle cx="860" cy="390" r="70" fill="#fbe6c2"/>
  <path d="M0 470 Q200 380 420 460 T820 440 T1200 420 V630 H0Z" fill="#3c5266"/><path d="M0 540 Q300 450 640 540 T1200 500 V630 H0Z" fill="#1f2f3f"/></svg>`;

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'], timeout: 60_000 });
try {
  await picture('digest-fr-light', await mail('fr'), 'light');
  await picture('digest-fr-dark', await mail('fr'), 'dark');
  await picture('digest-fr-phone', await mail('fr'), 'dark', 360);
  await translate();
  for (const language of ['ar', 'en'])
    for (const scheme of ['light', 'dark']) await picture(`digest-${language}-${scheme}`, await mail(language), scheme);
} finally {
  await browser.close();
}

/** The mail as a reader of the language gets it, by the preview; with an intro in that language. */
async function mail(language) {
  await wish({ intro: intros[language] });
  const next = await ask('GET', `/management/v1/digests/next?language=${language}`);
  assert.ok(next.preview, 'the next edition has something new');
  return next.preview.html;
}

/** Publishes the translations, and leaves out of the edition what has none. */
async function translate() {
  const originals = (await ask('GET', '/management/v1/articles?limit=100')).items;
  const kept = new Set(['comet-passes']);
  for (const [language, texts] of Object.entries(translations)) {
    for (const [slug, kicker, headline, standfirst] of texts) {
      kept.add(slug);
      const { id } = originals.find(a => a.slug.includes(slug));
      const { language: _, sectionId, credits, leadImage } = await ask('GET', `/management/v1/articles/${id}`);
      const draft = { language, translationOf: id, kicker, headline, standfirst, sectionId, credits: credits.slice(0, 1).map(c => ({ role: c.role, ...c.authorId ? { authorId: c.authorId } : { name: c.name } })), leadImage, body: [{ type: 'paragraph', text: standfirst }] };
      const made = await ask('POST', '/management/v1/articles', draft);
      await ask('POST', `/management/v1/articles/${made.id}/publish`, undefined, { 'If-Match': '*' });
    }
  }

  const next = await ask('GET', '/management/v1/digests/next');
  const translated = [...kept];
  const without = next.articles.filter(a => !originals.some(o => o.id === a.id && translated.some(slug => o.slug.includes(slug))) && originals.some(o => o.id === a.id));
  await wish({ droppedIds: without.map(a => a.id) });
}

async function wish(wishes) {
  await ask('PATCH', '/management/v1/digests/next', wishes, { 'If-Match': '*', 'Content-Type': 'application/merge-patch+json' });
}

async function picture(name, html, colorScheme, width = 640) {
  const context = await browser.newContext({ viewport: { width, height: width < 480 ? 780 : 1200 }, colorScheme, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.route('**', route => route.request().resourceType() === 'image' ? route.fulfill({ contentType: 'image/svg+xml', body: drawing }) : route.abort());
  await page.setContent(html);
  const session = await context.newCDPSession(page);
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 75 });
  const bytes = Buffer.from(data, 'base64');
  assert.ok(bytes.length <= most, `${name} is ${bytes.length} bytes`);
  await writeFile(join(folder, `${name}.webp`), bytes);
  console.log(`${name}.webp: ${bytes.length} bytes`);
  await context.close();
}

async function ask(method, path, body, headers = {}) {
  const answer = await fetch(address + path, {
    method, body: body && JSON.stringify(body), headers: { Authorization: `Bearer ${process.env.TOKEN}`, ...body && { 'Content-Type': 'application/json' }, ...headers },
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : undefined;
}
