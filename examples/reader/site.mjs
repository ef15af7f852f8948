// What a change of articles means for the files: their own pages, and the lists that show them.
import { articlePage } from './article.mjs';
import { Folder } from './folder.mjs';
import { listPage, missingPage, movedPage, pathOf } from './list.mjs';
import { say } from './words.mjs';

const atOnce = 4; // requests beside each other

export class Site {
  #delivery; #folder; #look; #bounds; #sections = new Map(); #touched = new Set(['front']);

  // state: of the run before. articles: by id, where its page is, where it was, which lists show it. lists: by key, how many pages it has.
  constructor({ delivery, folder, site, sections, version, newsletter, size, pages }, { articles, lists }) {
    [this.#delivery, this.#folder, this.#bounds] = [delivery, folder, { size, pages }];
    this.#look = { site, sections, version, newsletter, tagPath: ({ slug }) => fill(site, site.paths.tag, slug) };
    this.state = { articles, lists };
    const walk = (branch, above) => {
      this.#sections.set(branch.slug, { ...branch, above });
      for (const child of branch.children) walk(child, [...above, branch.slug]);
    };
    for (const root of sections) walk(root, []);
  }

  async follow(changes, anew) {
    if (changes.length === 0 && !anew) return;
    const [gone, there] = [changes.filter(c => c.change !== 'upsert'), changes.filter(c => c.change === 'upsert')];
    if (anew) {
      const ids = new Set(there.map(c => c.id));
      for (const id of Object.keys(this.state.articles)) if (!ids.has(id)) delete this.state.articles[id];
      for (const slug of this.#sections.keys()) this.#touched.add(`section:${slug}`);
    }
    // In this order: an address that is given up may be another article's by now.
    await each(gone, change => this.#article(change));
    await each(there, change => this.#article(change));
    await each([...this.#touched], key => this.#list(key));
    await this.#folder.write('404.html', String(missingPage(this.#look)));
    const moved = Object.values(this.state.articles).flatMap(({ path, was }) => was.map(old => `${old} ${path} 301\n`));
    await this.#folder.write('_redirects', moved.join(''));
  }

  async #article({ id, slug, change }) {
    const before = this.state.articles[id] ?? { was: [], lists: [] };
    // Withdrawn again since the change was told? The next run hears of that.
    const article = change === 'upsert' ? await this.#delivery.article(slug) : null;
    if (article === null) {
      delete this.state.articles[id];
      for (const path of [before.path, ...before.was]) if (path) await this.#folder.remove(Folder.fileOf(path));
    } else {
      const was = [...new Set([...before.was, before.path])].filter(path => path && path !== article.path);
      this.state.articles[id] = { path: article.path, was, lists: this.#listsOf(article) };
      for (const path of was) await this.#folder.write(Folder.fileOf(path), String(movedPage(this.#look, article.path)));
      await this.#folder.write(Folder.fileOf(article.path), String(articlePage(this.#look, article)));
    }
    for (const key of [...before.lists, ...this.state.articles[id]?.lists ?? []]) this.#touched.add(key);
  }

  #names = new Map(); // of authors and subjects: known from the articles that name them

  #listsOf(article) {
    const sections = [article.section, ...article.otherSections].filter(Boolean);
    const keys = sections.flatMap(s => [s.slug, ...this.#sections.get(s.slug)?.above ?? []]).map(slug => `section:${slug}`);
    for (const { slug, name, path } of article.credits.filter(c => c.path)) keys.push(this.#named(`author:${slug}`, name, path));
    for (const tag of article.tags) keys.push(this.#named(`tag:${tag.slug}`, tag.name, this.#look.tagPath(tag)));
    return [...new Set(keys)];
  }

  #named(key, name, path) {
    this.#names.set(key, { name, path });
    return key;
  }

  async #list(key) {
    const [kind, slug] = key.split(':');
    const { size, pages } = this.#bounds;
    const known = this.state.lists[key];
    const list = this.#describe(kind, slug, key) ?? known;
    if (!list) return;
    const filter = kind === 'front' ? { language: this.#look.site.language } : { [kind]: slug };
    const items = await this.#delivery.list(filter, size * pages);
    // Nobody's page, and no subject's, is there without an article; a section's is.
    const count = items.length === 0 && ['author', 'tag'].includes(kind) ? 0 : Math.max(1, Math.ceil(items.length / size));
    for (let number = 1; number <= count; number++) {
      const shown = items.slice((number - 1) * size, number * size);
      await this.#folder.write(Folder.fileOf(pathOf(list.path, number)), String(listPage(this.#look, list, shown, number, count)));
    }
    for (let number = count + 1; number <= (known?.count ?? 0); number++) await this.#folder.remove(Folder.fileOf(pathOf(list.path, number)));
    if (count === 0) delete this.state.lists[key];
    else this.state.lists[key] = { ...list, count };
  }

  #describe(kind, slug, key) {
    const { site } = this.#look;
    if (kind === 'front') return { name: say('latest', site.language), description: site.share.description, path: '/', language: site.language, isFront: true };
    if (kind !== 'section') return this.#names.has(key) ? { ...this.#names.get(key), language: site.language } : null;
    const section = this.#sections.get(slug);
    return section && { name: section.name, description: section.description, path: section.path, language: section.language, here: this.#sections.get(section.above[0])?.path ?? section.path };
  }
}

// An address of a tag's page: the site's template with its slug.
const fill = (site, template, slug) => template.replaceAll('{slug}', encodeURIComponent(slug)).replaceAll('{language}', site.language);

// Does it for each, a few at once.
async function each(items, act) {
  const left = items.values();
  await Promise.all(Array.from({ length: atOnce }, async () => { for (const item of left) await act(item); }));
}
