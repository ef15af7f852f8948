#!/usr/bin/env node
// Shows the site on one's own machine, with the headers that its host should send: node serve.mjs out/site --port 8000
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { port: { type: 'string', default: '8000' }, 'form-action': { type: 'string', default: "'self'" } } });
const root = resolve(positionals[0] ?? 'out/site');
const types = { '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.svg': 'image/svg+xml', '.jpg': 'image/jpeg', '.png': 'image/png', '.webp': 'image/webp' };
// Nothing from elsewhere runs or loads; pictures may come from where editors have them.
const policy = `default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' https:; form-action ${values['form-action']}; base-uri 'none'; frame-ancestors 'none'`;

const server = createServer(async (request, response) => {
  const [status, file] = await found(request.url);
  const text = file && await readFile(file).catch(() => null);
  response.writeHead(status, {
    'Content-Type': text ? types[extname(file)] ?? 'application/octet-stream' : 'text/plain', 'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'strict-origin-when-cross-origin', 'Cache-Control': 'no-cache',
  });
  response.end(request.method === 'HEAD' ? undefined : text ?? 'Not found.');
});
server.listen(Number(values.port), 'localhost', () => console.log(`http://localhost:${server.address().port}`));

async function found(url) {
  try {
    const file = join(root, decodeURIComponent(new URL(url, 'http://localhost').pathname));
    const hidden = file.slice(root.length).split(sep).some(part => part.startsWith('.'));
    if (file !== join(root, sep) && !file.startsWith(root + sep) || hidden) throw new Error('not a page');
    const page = (await stat(file)).isDirectory() ? join(file, 'index.html') : file;
    await stat(page);
    return [200, page];
  } catch {
    return [404, join(root, '404.html')];
  }
}
