// Readers with a real browser: on a phone and at a desk, by day and by night, with JavaScript and without.
import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screens = { phone: { width: 390, height: 844 }, desktop: { width: 1440, height: 900 } };
const kinds = Object.keys(screens).flatMap(screen => ['light', 'dark'].flatMap(colorScheme => [true, false].map(javaScriptEnabled => ({ screen, colorScheme, javaScriptEnabled }))));

export class Readers {
  #faults = [];

  static async open({ chromium: executablePath, shots, site }) {
    const readers = new Readers();
    await mkdir(shots, { recursive: true });
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'], timeout: 60_000 });
    return Object.assign(readers, { browser, shots, site });
  }

  // Every page in every way: a screenshot, axe, no fault. How many looks that were.
  async look(pages) {
    let looks = 0;
    for (const kind of kinds) {
      await this.#as(kind, async page => {
        for (const [name, path] of Object.entries(pages)) {
          await this.#go(page, path);
          const { screen, colorScheme, javaScriptEnabled } = kind;
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(wide <= 0, `${name} is ${wide} px too wide for a ${screen}`);
          await page.screenshot({ path: join(this.shots, `${name}-${screen}-${colorScheme}${javaScriptEnabled ? '' : '-without-javascript'}.png`), fullPage: true });
          if (!javaScriptEnabled) continue;
          await page.evaluate(axe);
          const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
          assert.deepEqual(violations.map(v => `${v.id}: ${v.nodes.map(n => `${n.target} ${n.failureSummary}`).join('; ')}`), [], `${name}, ${screen}, ${colorScheme}`);
          looks++;
        }
      });
    }
    return looks;
  }

  // One page, with JavaScript and without.
  async each(path, check) {
    for (const javaScriptEnabled of [true, false]) {
      await this.#as({ screen: 'phone', colorScheme: 'light', javaScriptEnabled }, async page => {
        await this.#go(page, path);
        await check(page);
      });
    }
  }

  async direction(path) {
    let found;
    await this.each(path, async page => { found = await page.locator('.story').evaluate(e => getComputedStyle(e).direction); });
    return found;
  }

  close() { return this.browser.close(); }

  async #go(page, path) {
    const answer = await page.goto(this.site + path, { waitUntil: 'load', timeout: 30_000 });
    assert.equal(answer.status(), 200, path);
    // Pictures further down load when they are near: a screenshot of the whole page wants them now.
    await page.evaluate(async () => {
      const pictures = [...document.images];
      for (const picture of pictures) picture.loading = 'eager';
      await Promise.all(pictures.map(picture => picture.decode()));
    });
    assert.deepEqual(this.#faults, [], path);
  }

  async #as({ screen, colorScheme, javaScriptEnabled }, visit) {
    const context = await this.browser.newContext({ viewport: screens[screen], colorScheme, javaScriptEnabled, reducedMotion: 'reduce' });
    context.on('request', request => { if (new URL(request.url()).origin !== this.site) this.#faults.push(`asks ${request.url()}`); });
    context.on('console', message => { if (message.type() === 'error') this.#faults.push(`says ${message.text()}`); });
    context.on('weberror', fault => this.#faults.push(`throws ${fault.error()}`));
    context.on('dialog', dialog => { this.#faults.push(`opens ${dialog.message()}`); dialog.dismiss(); });
    try {
      await visit(await context.newPage());
      assert.deepEqual(this.#faults, []);
    } finally {
      await context.close();
    }
  }
}
