// check.mjs SERVICE FRONT TOKEN STUB_PORT STUB_FRONT: what the issue asks of a Varnish in front, told by what comes through it.
import assert from "node:assert/strict";
import http from "node:http";

const [service, front, token, stubPort, stubFront] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });

function ask(base, path, { method = "GET", headers = {}, body, localAddress } = {}) {
  return new Promise((resolve, reject) => {
    const started = http.request(base + path, { method, headers, agent: localAddress ? undefined : agent, localAddress }, answer => {
      const chunks = [];
      answer.on("data", c => chunks.push(c)).on("error", reject);
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, bytes: Buffer.concat(chunks), text: Buffer.concat(chunks).toString() }));
    });
    started.setTimeout(15_000, () => started.destroy(new Error(`no answer: ${method} ${path}`)));
    started.on("error", reject).end(body);
  });
}

const read = (path, headers = {}, method = "GET") => ask(front, path, { method, headers });
const isHit = answer => (answer.headers["cache-status"] ?? "").includes("varnish; hit");
const pause = ms => new Promise(done => setTimeout(done, ms));

async function edit(method, path, body, etag, type = "application/json") {
  const headers = { authorization: `Bearer ${token}`, ...(body ? { "content-type": type } : {}), ...(etag ? { "if-match": etag } : {}) };
  const answer = await ask(service, `/management/v1${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${answer.text}`);
  return { ...JSON.parse(answer.text || "{}"), etag: answer.headers.etag };
}

const openSection = name => edit("POST", "/sections", { name, language: "fr" });
async function publish(headline, sectionId, more = {}) {
  const draft = await edit("POST", "/articles", { headline, language: "fr", sectionId, body: [{ type: "paragraph", text: `${headline}. ${"Un pont, une rivière, un jour de pluie. ".repeat(60)}` }], ...more });
  return edit("POST", `/articles/${draft.id}/publish`, null, draft.etag);
}
async function change(article, members) {
  const changed = await edit("PATCH", `/articles/${article.id}`, members, article.etag, "application/merge-patch+json");
  return edit("POST", `/articles/${article.id}/publish`, null, changed.etag);
}

async function within(limit, what, isRight) {
  const begun = performance.now();
  for (;;) {
    if (await isRight()) return Math.round(performance.now() - begun);
    assert.ok(performance.now() - begun < limit, `${what}: not within ${limit} ms`);
    await pause(5);
  }
}

const [politics, culture] = [await openSection("Politique du pont"), await openSection("Culture du pont")];
const articles = [];
for (let i = 0; i < 200; i++) articles.push(await publish(`Le pont numéro ${i}`, i % 2 ? politics.id : culture.id));
const path = article => `/delivery/v1/articles/${article.slug}`;
await pause(3_500); // both purges of each publication are through

// A cold cache, some articles far more read than others, nearly all readers with Brotli.
{
  const asked = 60_000;
  let [sent, hits, seed] = [0, 0, 42];
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  const reader = async () => {
    while (sent++ < asked) {
      const article = articles[Math.floor(articles.length * random() ** 3)];
      const answer = await read(path(article), { "accept-encoding": random() < 0.98 ? "gzip, deflate, br, zstd" : "gzip" });
      assert.equal(answer.status, 200);
      if (isHit(answer)) hits++;
    }
  };
  const begun = performance.now();
  await Promise.all(Array.from({ length: 32 }, reader));
  console.log(`replay: ${asked} requests over ${articles.length} articles from cold, hit ratio ${(hits / asked).toFixed(4)}, ${Math.round(asked / (performance.now() - begun) * 1000)} a second`);
  assert.ok(hits / asked >= 0.99, "the hit ratio");
}

// One publication drops what shows it, and nothing else.
let subject = await publish("Le sujet", politics.id);
const shower = await publish("Montre le sujet", culture.id, { relatedIds: [subject.id] });
await pause(3_500);
const showing = [path(subject), `${path(subject)}/head`, path(shower), "/delivery/v1/articles", `/delivery/v1/articles?section=${politics.slug}`];
// The list of culture holds the article that shows the subject, but not what it shows.
const others = [...articles.slice(0, 40).map(path), `/delivery/v1/articles?section=${culture.slug}`, `/delivery/v1/sections/${politics.slug}`, "/delivery/v1/sections", "/delivery/v1/site"];
const warm = async paths => {
  for (const one of paths) {
    await read(one);
    const again = await read(one);
    assert.ok(again.status === 200 && isHit(again), `${one} is held: ${again.status} ${again.headers["cache-status"]}`);
  }
};
await warm([...showing, ...others]);
subject = await change(subject, { headline: "Le sujet a changé" });
const seen = await within(1_000, "the new headline through Varnish", async () => (await read(path(subject))).text.includes("Le sujet a changé"));
await pause(3_500);
for (const one of showing) assert.ok(!isHit(await read(one)), `${one} was purged`);
for (const one of others) assert.ok(isHit(await read(one)), `${one} was not purged`);
assert.ok((await read(path(shower))).text.includes("Le sujet a changé"), "whoever shows it");
console.log(`a publication: seen after ${seen} ms; ${showing.length} answers that show it were purged, ${others.length} others were not`);

// Moved, and withdrawn.
await warm([path(subject)]);
const old = path(subject);
subject = await change(subject, { slug: "le-sujet-ailleurs" });
const moved = await within(1_000, "301 through Varnish", async () => (await read(old)).status === 301);
await warm([path(subject)]);
await edit("POST", `/articles/${subject.id}/withdraw`, null, subject.etag);
const gone = await within(1_000, "410 through Varnish", async () => (await read(path(subject))).status === 410);
await within(1_000, "the list without it", async () => !(await read("/delivery/v1/articles")).text.includes(subject.slug));
await pause(3_500);
assert.equal((await read(path(subject))).status, 410);
assert.ok(isHit(await read(path(subject))), "a 410 is held");
console.log(`a change of slug: 301 after ${moved} ms; a withdrawal: 410 after ${gone} ms`);

// Three codings, three tags; conditional requests by weak comparison.
const tags = new Set();
const one = path(articles[0]);
for (const [coding, accepted] of [["br", "gzip;q=0.8, br"], ["gzip", "gzip"], [undefined, "identity"], [undefined, "br;q=0, gzip;q=0"]]) {
  await read(one, { "accept-encoding": accepted });
  const whole = await read(one, { "accept-encoding": accepted });
  assert.ok(isHit(whole), accepted);
  assert.equal(whole.headers["content-encoding"], coding, accepted);
  assert.match(whole.headers.vary, /Accept-Encoding/i);
  const etag = whole.headers.etag;
  tags.add(etag);
  for (const held of [etag, `W/${etag}`, `"other", W/${etag}`]) {
    const again = await read(one, { "accept-encoding": accepted, "if-none-match": held });
    assert.equal(again.status, 304, `${accepted}: ${held}`);
    assert.equal(again.headers.etag, etag);
  }
  assert.equal((await read(one, { "accept-encoding": accepted, "if-none-match": '"other"' })).status, 200);
  const head = await read(one, { "accept-encoding": accepted }, "HEAD");
  assert.equal(head.bytes.length, 0);
  for (const name of ["etag", "content-length", "content-encoding", "cache-control"]) assert.equal(head.headers[name], whole.headers[name], name);
  for (const name of ["cdn-cache-control", "surrogate-key", "cache-tag", "xkey", "age"]) assert.equal(whole.headers[name], undefined, name);
}
assert.equal(tags.size, 3, [...tags].join(" "));

// Nothing of the reader splits what is held; management is nobody else's; only the service purges.
assert.ok(isHit(await read(one, { cookie: "a=b", authorization: "Bearer x" })));
const desk = { authorization: `Bearer ${token}` };
for (let i = 0; i < 2; i++) assert.ok((await read("/management/v1/articles?limit=1", desk)).status === 200);
assert.equal((await read("/management/v1/articles?limit=1")).status, 401);
assert.equal((await ask(front, "/", { method: "PURGE", headers: { xkey: `article/${articles[0].slug}` }, localAddress: "127.0.0.2" })).status, 403);
assert.ok(isHit(await read(one)));
console.log("codings, tags, conditional requests, passes and the purgers' list are right");

// A service that fails or is away: what was held is shown, what was not is a problem.
{
  let isFailing = false;
  const stub = http.createServer((request, answer) => {
    if (isFailing && request.url !== "/health/ready") answer.writeHead(500).end("fault");
    else answer.writeHead(200, { "cache-control": "max-age=1", "cdn-cache-control": "max-age=1, stale-if-error=3600", "surrogate-key": "stub" }).end("whole");
  }).listen(Number(stubPort), "127.0.0.1");
  const through = at => ask(stubFront, at);
  await within(10_000, "the stub is well", async () => (await through("/delivery/v1/stub")).status === 200);
  isFailing = true;
  await pause(1_500);
  for (let i = 0; i < 3; i++) assert.equal((await through("/delivery/v1/stub")).text, "whole", "while it fails");
  assert.equal((await through("/delivery/v1/unheld")).status, 500);
  stub.close();
  stub.closeAllConnections();
  await pause(1_500);
  for (let i = 0; i < 3; i++) {
    const stale = await through("/delivery/v1/stub");
    assert.equal(stale.text, "whole", "while it is away");
    assert.ok(Number(stale.headers.age) > 1, "what is old tells its age");
  }
  const away = await through("/delivery/v1/unheld");
  assert.equal(away.status, 503);
  assert.equal(JSON.parse(away.text).type, "/problems/unavailable");
}
console.log("a service that fails or is away: what was held is shown");
agent.destroy();
