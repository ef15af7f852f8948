// The folder of the site. It writes what differs, remembers what it wrote, and removes nothing else.
import { mkdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';

export class Folder {
  #root;
  written = 0;
  removed = 0;

  // files: those of earlier runs.
  constructor(root, files = []) {
    this.#root = resolve(root);
    this.files = new Set(files);
  }

  // Whole or not at all: a reader never gets half a page.
  async write(file, text) {
    const place = this.#place(file);
    this.files.add(file);
    if (await readFile(place, 'utf8').catch(() => null) === text) return;
    await mkdir(dirname(place), { recursive: true });
    await writeFile(`${place}.new`, text);
    await rename(`${place}.new`, place);
    this.written++;
  }

  async remove(file) {
    if (!this.files.delete(file)) return;
    const place = this.#place(file);
    await rm(place, { force: true });
    this.removed++;
    // The folders above it go too, where nothing else is in them.
    for (let above = dirname(place); above !== this.#root; above = dirname(above)) if (await rmdir(above).then(() => false, () => true)) break;
  }

  // A page's file, of its path as the service gives it.
  static fileOf(path) {
    const parts = path.split('/').filter(Boolean).map(decodeURIComponent);
    return [...parts, ...(parts.at(-1)?.endsWith('.html') ? [] : ['index.html'])].join('/');
  }

  #place(file) {
    const place = resolve(join(this.#root, file));
    if (!place.startsWith(this.#root + sep) || file.includes('\0')) throw new Error(`${file} is not within ${this.#root}`);
    return place;
  }
}
