// kills.mjs APP WORK SEED READERS KILLS: two nodes send a digest to a mail server that fails at random, and are killed again and again; then everyone's mail is
// accounted for. The moments are chosen: a third of the kills come when the server has taken a mail and not answered, a third when the answer is just out.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { account } from './account.mjs';
import { MailServer } from './server.mjs';

const [app, work, seed, readers, kills] = [process.argv[2], process.argv[3], ...process.argv.slice(4).map(Number)];
const [connections, seconds, faultyFor, longestGap, limit] = [4, 10, 260_000, 60_000, 1_500_000];
const [cursed, gone, paused] = [5, Math.ceil(readers / 100), 50];
const data = path.join(work, 'data');
const begun = Date.now();
const pause = ms => new Promise(done => setTimeout(done, ms));
const since = at => ((Date.now() - at) / 1000).toFixed(1);
const say = text => console.log(`${since(begun).padStart(6)} s  ${text}`);

let state = seed;
function random() { // mulberry32: the same kills for the same seed, as far as the machine's own timing lets them be
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

class Node {
  starts = 0;

  constructor(letter, smtp) { [this.letter, this.smtp] = [letter, smtp]; }

  get log() { return path.join(work, `${this.letter}.log`); }

  // Its name of this start, by which it greets the mail server.
  get name() { return `${this.letter}${this.starts}.example.org`; }

  start() {
    if (this.isOver) return;
    this.starts++;
    const out = fs.openSync(this.log, 'a');
    this.said = fs.fstatSync(out).size;
    const settings = {
      ASPNETCORE_ENVIRONMENT: 'Development', ASPNETCORE_URLS: 'http://127.0.0.1:0', // a port of its own at each start: another may have the last one
      Cms__DataFolder: data, Cms__Newsletter__CheckDomains: 'false',
      Cms__Mail__Host: '127.0.0.1', Cms__Mail__Port: `${this.smtp}`, Cms__Mail__Security: 'None', Cms__Mail__From: 'La Gazette <news@example.org>', Cms__Mail__HeloName: this.name,
      Cms__Mail__Connections: `${connections}`, Cms__Mail__CommandSeconds: `${seconds}`, Cms__Mail__DataSeconds: `${seconds}`,
    };
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('Cms__') && !name.startsWith('ConnectionStrings__')));
    this.process = spawn('dotnet', ['Cms.Api.dll'], { cwd: app, env: { ...env, ...settings }, stdio: ['ignore', out, out] });
    fs.closeSync(out);
    this.ended = once(this.process, 'exit');
    this.ready = this.#ready();
    this.ready.catch(() => {}); // whoever waits for it hears it
  }

  async stop() {
    this.isOver = true;
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return null;
    this.process.kill('SIGTERM');
    if (await Promise.race([this.ended, pause(40_000)]) === undefined) this.process.kill('SIGKILL');
    await this.ended;
    return this.process.exitCode;
  }

  async #ready() {
    const { process: mine } = this;
    for (const from = Date.now(); Date.now() - from < 150_000; await pause(100)) { // npm may have to bring PostgreSQL first
      if (mine.exitCode !== null || mine.signalCode !== null) throw new Error(`node ${this.letter} ended before it was ready`);
      this.address = fs.readFileSync(this.log).subarray(this.said).toString().match(/^ *docs +(\S+)\/docs$/m)?.[1];
      if (this.address && (await fetch(`${this.address}/health/ready`).catch(() => null))?.status === 200) return;
    }

    throw new Error(`node ${this.letter} is not ready within 150 s`);
  }
}

// The PostgreSQL that Development starts outlives a killed node, and the next one goes on with it.
async function database() {
  const cluster = path.join(data, 'postgres', 'cluster');
  const pid = fs.readFileSync(path.join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  const client = new pg.Client({
    host: pid[4] === '.' ? cluster : '127.0.0.1', port: Number(pid[3]), user: 'cms', database: 'cms', password: fs.readFileSync(path.join(data, 'postgres.password'), 'utf8').trim(),
  });
  client.on('error', () => {}); // when this is stopped midway, the server ends first: whoever asks it hears so
  await client.connect();
  return client;
}

async function publish(node) {
  const token = fs.readFileSync(path.join(data, 'development-token'), 'utf8').trim();
  const ask = async (method, where, body, headers = {}) => {
    const answer = await fetch(`${node.address}${where}`, { method, headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers }, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  const section = await (await ask('POST', '/management/v1/sections', { name: 'Le pont', language: 'fr' })).json();
  const draft = await ask('POST', '/management/v1/articles', { headline: 'Le pont, enfin', language: 'fr', sectionId: section.id, body: [{ type: 'paragraph', text: 'Il est ouvert.' }] });
  await ask('POST', `/management/v1/articles/${(await draft.json()).id}/publish`, undefined, { 'if-match': draft.headers.get('etag') });
  return async id => (await ask('GET', `/management/v1/digests/${id}`)).json();
}

// In one transaction, whose end makes the edition due: its hour has passed. The first mails are those to readers whose every mail is taken and never answered.
async function fill(sql) {
  const add = (name, count, status, id = 'gen_random_uuid()') => `INSERT INTO cms.subscribers (id, email, language, frequency, section_ids, status, consent, created_at, updated_at)
    SELECT ${id}, '${name}' || i || '@example.org', (ARRAY['fr', 'en', 'ar'])[1 + i % 3], 'Daily', '{}', '${status}', '{"at":"2026-11-24T09:00:00Z","source":"check","textVersion":"1"}', now(), now()
    FROM generate_series(1, ${count}) i;`;
  await sql.query(`BEGIN; ${add('cursed', cursed, 'Active', "('00000000-0000-4000-8000-' || lpad(i::text, 12, '0'))::uuid")}
    ${add('gone', gone, 'Active')} ${add('paused', paused, 'Paused')} ${add('reader', readers - cursed - gone, 'Active')}
    DELETE FROM cms.edition_articles; DELETE FROM cms.editions;
    UPDATE cms.site SET settings = jsonb_set(jsonb_set(settings::jsonb, '{timeZone}', '"UTC"'), '{digestHour}', to_jsonb(((extract(hour FROM now() AT TIME ZONE 'UTC'))::int + 23) % 24))::json;
    COMMIT; ANALYZE cms.subscribers`);
}

// Whatever is still to go at once, and how long the server has seen nothing meanwhile.
class Watch {
  longest = 0;
  status = null;

  constructor(sql, server) { [this.sql, this.server] = [sql, server]; }

  async run() {
    let dueSince = null;
    for (; this.status !== 'Sent'; await pause(500)) {
      const { rows: [edition] } = await this.sql.query('SELECT id, number, status FROM cms.editions ORDER BY number DESC LIMIT 1');
      const { rows: [{ due, later }] } = await this.sql.query('SELECT count(*) FILTER (WHERE state = 0)::int AS due, count(*) FILTER (WHERE state = 2)::int AS later FROM cms.digest_mails');
      [this.status, this.edition, this.due, this.later] = [edition?.status ?? null, edition?.id, due, later];
      dueSince = due === 0 || this.status !== 'Sending' ? null : dueSince ?? Date.now();
      if (dueSince !== null) this.longest = Math.max(this.longest, Date.now() - Math.max(dueSince, this.server.lastTaken));
      if (this.longest > longestGap) throw new Error(`no mail was taken for ${longestGap / 1000} s, and ${due} were due`);
      if (Date.now() - begun > limit) throw new Error(`not done within ${limit / 1000} s: the edition is ${this.status}, ${due} mails are due, ${later} put off`);
    }
  }
}

async function kill(nodes, server, watch) {
  const killed = new Map();
  while (killed.size < kills) {
    // Spread over the mails, so that the last ones are killed for too.
    for (const from = readers * 0.97 * (killed.size + random()) / kills; server.taken < from && watch.status !== 'Sent';) await pause(50);
    const both = random() < 0.2 && kills - killed.size > 1;
    const [first, second] = random() < 0.5 ? nodes : [...nodes].reverse();
    const moment = ['taken', 'answered', 'any'][Math.floor(random() * 3)];
    await Promise.all([first.ready, second.ready]);
    await seen(server, moment === 'any' ? 'taken' : moment, first.name); // it works: and this is the moment, or soon after it
    if (moment === 'any') await pause(300 * random());
    if (watch.status === 'Sent') throw new Error(`the edition was sent after ${killed.size} kills: ${kills} were to be`);
    const victims = both ? [first, second] : [first];
    for (const victim of victims) {
      victim.process.kill('SIGKILL');
      killed.set(victim.name, Date.now());
    }

    say(`kill ${killed.size} of ${kills}: ${victims.map(v => v.name).join(' and ')}, ${moment === 'any' ? 'at any moment' : `a mail ${moment}`}; ${watch.due} due, ${watch.later} put off`);
    await Promise.all(victims.map(v => v.ended));
    await pause(3_000 * random());
    for (const victim of victims) victim.start();
  }

  return killed;
}

// A node that finds nothing to do for a minute is killed all the same.
function seen(server, event, name) {
  return new Promise(done => {
    const late = setTimeout(end, 60_000);
    const hear = node => { if (node === name) end(); };
    server.on(event, hear);
    function end() {
      clearTimeout(late);
      server.off(event, hear);
      done();
    }
  });
}

async function check(nodes, server) {
  nodes[0].start();
  await nodes[0].ready;
  const digest = await publish(nodes[0]);
  nodes[1].start();
  await nodes[1].ready;
  const sql = await database();
  try {
    await fill(sql);
    say(`${readers} readers, two nodes`);
    const watch = new Watch(sql, server);
    const watching = watch.run();
    watching.catch(() => {});
    await Promise.race([watching, once(server, 'taken')]);
    say('the first mail');
    const well = setTimeout(() => { server.faulty = false; say('the mail server is well from now on'); }, faultyFor); // mails that are put off wait as long as the edition is old
    const [killed] = await Promise.all([kill(nodes, server, watch), watching]);
    clearTimeout(well);
    await Promise.all(nodes.map(n => n.ready));
    say('the edition is sent');

    const { rows } = await sql.query(`SELECT s.email, s.status, s.email NOT LIKE 'paused%' AS "isDue", m.state, m.doubts, m.attempts, m.code FROM cms.subscribers s LEFT JOIN cms.digest_mails m ON m.subscriber_id = s.id`);
    const log = fs.readFileSync(path.join(work, 'smtp.log'), 'utf8').trimEnd().split('\n').map(line => JSON.parse(line));
    const { figures, wrong } = account(log, rows, killed, connections);
    const { counts } = await digest(watch.edition);
    if (server.mostAtOnce > connections) wrong.push(`a node had ${server.mostAtOnce} connections`);
    const [told, counted] = [counts, figures].map(({ sent, failed, skipped, inDoubt }) => JSON.stringify({ sent, failed, skipped, inDoubt }));
    if (told !== counted) wrong.push(`management says ${told}, and it is ${counted}`);
    const { transactions, deferrals, unanswered, taken, copies, readersWithCopies, answeredAndRepeated } = figures;
    console.log(`  ${killed.size} kills; ${transactions} mails at the server's door: ${deferrals} put off, ${unanswered} without an answer`);
    console.log(`  ${figures.sent} sent, ${figures.failed} failed (${figures.refused} refused for good, the others in doubt too often), ${figures.skipped} suppressed as the node died`);
    console.log(`  ${taken} taken: ${copies} copies to ${readersWithCopies} readers, each under its first Message-ID; ${figures.inDoubt} in doubt by the ledger`);
    console.log(`  ${answeredAndRepeated} went again though answered, each of a node that was killed; the longest gap while mails were due: ${(watch.longest / 1000).toFixed(1)} s`);
    for (const line of wrong.slice(0, 20)) console.log(line);
    if (wrong.length > 0) throw new Error(`${wrong.length} things are not as they should be; the first are above`);
  } finally {
    await sql.end();
  }
}

const server = new MailServer(seed, path.join(work, 'smtp.log'));
const smtp = await server.open();
const nodes = [new Node('a', smtp), new Node('b', smtp)];
for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void Promise.all(nodes.map(n => n.stop())).then(() => process.exit(1)));
let failed = null;
try {
  await check(nodes, server);
} catch (e) {
  failed = e;
}

const codes = await Promise.all(nodes.map(n => n.stop()));
server.close();
if (failed === null && codes.some(c => c !== 0)) failed = new Error(`a node did not end with 0: ${codes.join(', ')}`);
if (failed !== null) console.error(failed.message);
process.exit(failed === null ? 0 : 1);
