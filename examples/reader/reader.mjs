#!/usr/bin/env node
// Makes a site of files from the delivery face: node reader.mjs --api http://localhost:8080 --out out/site
// It follows what changed since the cursor in --since, or begins anew; docs/build-a-site.md explains each step.
import { createHash } from 'node:crypto';
import { cp, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Delivery } from './delivery.mjs';
import { Folder } from './folder.mjs';
import { Site } from './site.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values: given } = parseArgs({
  options: {
    api: { type: 'string', default: 'http://localhost:8080' },
    out: { type: 'string', default: 'out/site' },
    since: { type: 'string' }, // the file with the cursor of the run before: out/site/.cursor
    newsletter: { type: 'string' }, // where the sign-up form posts; without it there is no form
    public: { type: 'string', default: join(here, 'public') }, // files copied as they are: the style, pictures
    size: { type: 'string', default: '16' }, // articles on a page of a list
    pages: { type: 'string', default: '10' }, // pages of a list
    settle: { type: 'string', default: '1' }, // seconds until every node of the service shows what changed
  },
});

const delivery = new Delivery(given.api);
const [site, tree, before] = await Promise.all([delivery.site(), delivery.sections(), given.since && remembered(given.since)]);
// Every page shows the site, its sections and this program's own hand: where one of them is new, all pages are.
const version = createHash('sha256').update(JSON.stringify([site.etag, tree.etag, given.newsletter, given.size, given.pages, await ownText()])).digest('hex').slice(0, 12);
const earlier = before ?? await remembered(join(given.out, '.cursor'));

let changes = before?.version === version ? await delivery.changes(before.cursor) : null;
const anew = changes === null;
changes ??= await delivery.changes();
if (changes.items.length > 0) await sleep(1000 * Number(given.settle));

const folder = new Folder(given.out, anew ? [] : before.files);
const made = new Site({ delivery, folder, site, sections: tree.items, version, newsletter: given.newsletter, size: Number(given.size), pages: Number(given.pages) },
  anew ? { articles: moves(earlier), lists: {} } : before);
await cp(given.public, given.out, { recursive: true });
await made.follow(changes.items, anew);

// What an earlier run wrote and a new beginning did not is of articles that are gone.
if (anew && earlier) {
  const old = new Folder(given.out, earlier.files);
  for (const file of earlier.files) if (!folder.files.has(file)) await old.remove(file);
  folder.removed = old.removed;
}

// Last of all: a run that breaks off is done again by the next.
const { written, removed } = folder;
await folder.write('.cursor', JSON.stringify({ version, cursor: changes.next, files: [...folder.files], ...made.state }));
console.log(`${anew ? 'made anew' : 'followed'}: ${changes.items.length} changes, ${written} files written, ${removed} removed`);

async function remembered(file) {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (fault) {
    if (fault.code === 'ENOENT') return null;
    throw new Error(`${file} cannot be read as a cursor: remove it, and the next run begins anew`, { cause: fault });
  }
}

// A new beginning keeps in mind where articles were: their old addresses go on leading to them.
function moves(state) {
  return Object.fromEntries(Object.entries(state?.articles ?? {}).map(([id, { path, was }]) => [id, { path, was, lists: [] }]));
}

async function ownText() {
  const names = (await readdir(here)).filter(name => name.endsWith('.mjs')).sort();
  return Promise.all([...names.map(name => join(here, name)), join(given.public, 'style.css')].map(file => readFile(file, 'utf8').catch(() => '')));
}
