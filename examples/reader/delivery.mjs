// The delivery face, as a program reads it: no token, one request a page, patience when the service asks for it.
import { setTimeout as sleep } from 'node:timers/promises';

const tries = 5, patience = 30_000;

export class Delivery {
  #base;

  constructor(api) { this.#base = new URL('/delivery/v1/', api); }

  // The site and its sections, with what tells whether they are still the same.
  site() { return this.#whole('site'); }
  sections() { return this.#whole('sections'); }

  // Everything that an article's page needs, or nothing where it is withdrawn. A slug that has moved (301) leads to the present one.
  async article(slug) {
    const { status, body } = await this.#get(`articles/${encodeURIComponent(slug)}`, { include: 'head', render: 'html' }, [404, 410]);
    return status === 200 ? body : null;
  }

  // At most `count` articles of a list, newest first, following `next`.
  async list(filter, count) {
    const items = [];
    for (let cursor; items.length < count;) {
      const { body } = await this.#get('articles', { ...filter, fields, limit: Math.min(100, count), cursor });
      items.push(...body.items);
      if (!(cursor = body.next)) break;
    }
    return items.slice(0, count);
  }

  // What changed since a cursor, each article once, and where to go on. Nothing where the cursor is too old (410): begin anew.
  async changes(since) {
    const items = new Map();
    for (let cursor = since; ;) {
      const { status, body } = await this.#get('changes', { since: cursor, limit: 100 }, [410]);
      if (status === 410) return null;
      for (const item of body.items) items.set(item.id, item);
      cursor = body.next;
      if (!body.more) return { items: [...items.values()], next: cursor };
    }
  }

  async #whole(path) {
    const { body, etag } = await this.#get(path, {});
    return { ...body, etag };
  }

  async #get(path, query, alsoTaken = []) {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== null) url.searchParams.set(name, value);
    for (let attempt = 1; ; attempt++) {
      const answer = await fetch(url, { signal: AbortSignal.timeout(patience) });
      const body = await answer.json();
      if (answer.ok || alsoTaken.includes(answer.status)) return { status: answer.status, body, etag: answer.headers.get('etag') };
      if (attempt === tries || ![429, 503].includes(answer.status)) throw new Error(`${url}: ${answer.status} ${body.detail ?? body.title ?? ''}`);
      await sleep(Math.min(patience, 1000 * (Number(answer.headers.get('retry-after')) || attempt)));
    }
  }
}

// What a list shows of an article, and no more.
const fields = 'path,language,section,kicker,headline,standfirst,credits,firstPublishedAt,leadImage';
