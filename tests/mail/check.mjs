// node check.mjs ADDRESS SMTP_PORT KEYS CHROMIUM: one reader, from the form of an article's page to leaving.
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { simpleParser } from 'mailparser';
import { chromium } from 'playwright-core';
import { Inbox } from './inbox.mjs';

const [address, smtpPort, keys, executablePath] = process.argv.slice(2);
const subscriptions = `${address}/newsletter/v1/subscriptions`;
const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const records = { 'cms1._domainkey.example.org': await record('rsa'), 'cms2._domainkey.example.org': await record('ed25519') };
const inbox = await Inbox.open(Number(smtpPort));
const ends = [() => inbox.close()];

try {
  await byHand();
  const pages = await byBrowser();
  console.log(`${inbox.count} mails signed twice and whole; ${pages} pages without JavaScript, by axe without violations`);
} finally {
  for (const end of ends.reverse()) await end();
}

// The form as a plain POST, the mail, its link: opened, which changes nothing, and its button pressed.
async function byHand() {
  const sent = await post(subscriptions, { email: 'lea@example.org', frequency: 'weekly', language: 'fr', textVersion: '1', website: '' });
  assert.equal(sent.status, 303);
  const mail = await read('lea@example.org');
  assert.equal(mail.from.value[0].address, 'news@example.org');
  assert.match(mail.html, /<html[^>]* lang="fr"/);
  assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');
  const link = only(mail.text, '/confirmations/');
  assert.ok(mail.html.includes(link), 'text and HTML have the same link');
  const opened = await fetch(link);
  assert.equal(opened.status, 200);
  assert.match(await opened.text(), /<form method="post"/);
  const confirmed = await post(link, {});
  assert.equal(confirmed.status, 200);
  const preferences = only(await confirmed.text(), '/preferences/');

  await post(preferences, { act: 'data' });
  const data = await read('lea@example.org');
  const [{ filename, contentType, content }] = data.attachments;
  assert.deepEqual([filename, contentType], ['subscription.json', 'application/json']);
  assert.deepEqual(JSON.parse(content).consents.map(c => c.event), ['signed-up', 'confirmed']);
}

async function byBrowser() {
  const site = await page(`<!DOCTYPE html><html lang="fr"><meta charset="utf-8"><title>La Gazette</title><main><h1>La Gazette</h1>
    <form method="post" action="${subscriptions}"><p>Inscrivez-vous à notre lettre d'information pour recevoir chaque jour via email</p>
    <label for="email">Saisissez votre e-mail</label> <input id="email" name="email" type="email" required>
    <input type="hidden" name="language" value="fr"><input type="hidden" name="textVersion" value="1">
    <div hidden><input name="website" tabindex="-1" autocomplete="off"></div><button>S'inscrire</button></form></main></html>`);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'], timeout: 60_000 });
  ends.push(() => browser.close());
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'fr-FR', viewport: { width: 390, height: 844 } });
  const faults = [];
  // A page with a refusal's status is no fault; one that its own policy keeps from something is.
  context.on('console', message => { if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text()); });
  context.on('request', request => { if (![site, address].includes(new URL(request.url()).origin)) faults.push(request.url()); });
  const reader = await context.newPage();
  reader.setDefaultTimeout(15_000);
  const looking = await (await browser.newContext({ viewport: { width: 390, height: 844 }, bypassCSP: true })).newPage();
  let pages = 0;

  // The same page once more, in a browser with JavaScript, which axe needs.
  const look = async () => {
    const title = await reader.locator('h1').textContent();
    assert.deepEqual(faults, []);
    for (const colorScheme of ['light', 'dark']) {
      await looking.emulateMedia({ colorScheme });
      await looking.setContent(await reader.content());
      await looking.evaluate(axe);
      const { violations } = await looking.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
      assert.deepEqual(violations.map(v => `${v.id}: ${v.nodes.map(n => `${n.target} ${n.failureSummary}`).join('; ')}`), [], title);
    }
    pages++;
  };
  const press = name => reader.getByRole('button', { name, exact: true }).click();

  // A slip of the hand is asked about, and mended by a button.
  await reader.goto(site);
  await reader.getByLabel('Saisissez votre e-mail').fill('rosa@gmial.com');
  await press("S'inscrire");
  await look();
  await reader.locator('button[name=suggested]').click();
  await look();
  assert.ok(reader.url().endsWith('/newsletter/v1/check-inbox'));
  await read('rosa@gmail.com');

  await reader.goto(site);
  await reader.getByLabel('Saisissez votre e-mail').fill('nora@example.org');
  await press("S'inscrire");
  await reader.goto(only((await read('nora@example.org')).text, '/confirmations/'));
  await look();
  await reader.locator('main form button').click();
  await look();
  await reader.locator('main a').click();
  await look();
  await reader.locator('input[value=weekly]').check();
  await reader.locator('form:has(input[value=save]) button').click();
  await look();
  assert.ok(await reader.locator('input[value=weekly]').isChecked());
  assert.ok(await reader.locator('[role=status]').isVisible());
  await reader.locator('form:has(input[value=leave]) button').click();
  await look();
  await reader.goto(`${address}/newsletter/v1/confirmations/x`);
  await look();
  return pages;
}

// The next mail to a reader: parsed, with both signatures verified against the public keys, by a resolver that knows no more than those.
async function read(recipient) {
  const raw = await inbox.next(recipient);
  const { results } = await dkimVerify(raw, { resolver: async (name, type) => {
    assert.equal(type, 'TXT');
    if (records[name]) return [[records[name]]];
    throw Object.assign(new Error(`there is no ${name}`), { code: 'ENOTFOUND' });
  } });
  assert.deepEqual(results.map(r => `${r.selector} ${r.algo} ${r.status.result}`).sort(), ['cms1 rsa-sha256 pass', 'cms2 ed25519-sha256 pass'], JSON.stringify(results.map(r => r.status)));
  return simpleParser(raw);
}

async function record(kind) {
  const key = createPublicKey(await readFile(join(keys, `${kind}.pem`)));
  const der = key.export({ type: 'spki', format: 'der' });
  return `v=DKIM1; k=${kind}; p=${(kind === 'rsa' ? der : der.subarray(-32)).toString('base64')}`; // RFC 8463, 4: the bare key
}

function only(text, part) {
  const found = new Set(text.match(/https?:\/\/[^\s"<>]+/g)?.filter(link => link.includes(part)));
  assert.equal(found.size, 1, `one link with ${part}`);
  return [...found][0];
}

function post(to, fields) {
  return fetch(to, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual', headers: { Accept: 'text/html' } });
}

async function page(html) {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/' ? 200 : 404, { 'Content-Type': 'text/html; charset=utf-8' }).end(request.url === '/' ? html : '');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}
