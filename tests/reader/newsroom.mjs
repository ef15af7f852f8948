// The newsroom's own face, the example's command, and its preview.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const example = name => fileURLToPath(new URL(`../../examples/reader/${name}`, import.meta.url));

export class Newsroom {
  constructor(address, token) { Object.assign(this, { address, token }); }

  article(slug) { return this.#read(`articles/${encodeURIComponent(slug)}`); }
  list(query) { return this.#read(`articles?${new URLSearchParams(query)}`); }
  section(slug) { return this.#read(`sections/${slug}`); }

  async publish(draft) { return this.act(await this.#write('POST', '/management/v1/articles', draft), 'publish'); }
  // What is done to an article: it comes back with its new version.
  act({ id, etag }, name) { return this.#write('POST', `/management/v1/articles/${id}/${name}`, undefined, etag); }
  change({ id, etag }, patch) { return this.#write('PATCH', `/management/v1/articles/${id}`, patch, etag); }
  delete({ id, etag }) { return this.#write('DELETE', `/management/v1/articles/${id}`, undefined, etag); }

  async #read(path) {
    const answer = await fetch(`${this.address}/delivery/v1/${path}`);
    assert.equal(answer.status, 200, path);
    return answer.json();
  }

  async #write(method, path, body, etag) {
    const headers = { Authorization: `Bearer ${this.token}`, ...etag && { 'If-Match': etag } };
    if (body) headers['Content-Type'] = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await fetch(this.address + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? null : { ...JSON.parse(text), etag: answer.headers.get('etag') };
  }
}

// The example's command; what it says.
export async function reader(...args) {
  const child = spawn(process.execPath, [example('reader.mjs'), ...args], { stdio: ['ignore', 'pipe', 'inherit'], timeout: 60_000 });
  let said = '';
  child.stdout.on('data', bytes => { said += bytes; });
  const [code] = await once(child, 'close');
  assert.equal(code, 0, `reader.mjs ${args.join(' ')} ended with ${code}`);
  return said;
}

export async function preview(out, formAction) {
  const child = spawn(process.execPath, [example('serve.mjs'), out, '--port', '0', '--form-action', formAction], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data', { signal: AbortSignal.timeout(30_000) });
  return { address: String(line).trim(), end: () => child.kill() };
}
