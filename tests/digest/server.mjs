// A mail server that fails at random and writes down each transaction before it answers: what it took, under which Message-ID, and what it said.
import { createHash } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';

// Of a thousand mails so many meet each fault; `at` is the step that is answered, no answer at all is silence. Taken is what the server would deliver.
const faults = {
  busy: { of: 5, at: 'rcpt', answer: '451 4.3.2 Try again' },
  closing: { of: 3, at: 'rcpt', answer: '421 4.3.2 Closing', drops: true },
  dropped: { of: 3, at: 'rcpt', drops: true },
  deaf: { of: 1.5, at: 'rcpt' },
  cut: { of: 5, at: 'data', drops: true },
  full: { of: 5, at: 'dot', answer: '452 4.3.1 Full' },
  unwanted: { of: 3, at: 'dot', answer: '554 5.7.1 Unwanted' },
  unwantedAndDropped: { of: 1, at: 'dot', answer: '554 5.7.1 Unwanted', drops: true },
  lost: { of: 4, at: 'dot', drops: true },
  takenAndAnsweredAndDropped: { of: 3, at: 'dot', answer: '250 2.0.0 Taken', drops: true, taken: true },
  takenAndDropped: { of: 7, at: 'dot', drops: true, taken: true },
  takenAndHalfAnswered: { of: 2, at: 'dot', half: '250 2.0', drops: true, taken: true },
  takenAndSilent: { of: 1.5, at: 'dot', taken: true },
};
const fine = { at: 'dot', answer: '250 2.0.0 Taken', taken: true };
const gone = { at: 'rcpt', answer: '550 5.1.1 No such mailbox' };
const cursed = { at: 'dot', drops: true, taken: true };

const pause = ms => new Promise(done => setTimeout(done, ms));

/** Emits `taken` when a mail is written down and not yet answered, and `answered` as soon as the answer is out; both with the client's name of its EHLO. */
export class MailServer extends EventEmitter {
  #server = net.createServer({ noDelay: true }, socket => void this.#serve(socket));
  #sockets = new Set();
  #attempts = new Map();
  #open = new Map();
  mostAtOnce = 0;
  faulty = true;
  taken = 0;
  lastTaken = 0;

  constructor(seed, log) {
    super();
    [this.seed, this.log] = [seed, fs.openSync(log, 'a')];
    this.setMaxListeners(0);
  }

  async open() {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening');
    return this.#server.address().port;
  }

  close() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  // Of seed, reader and attempt alone, in [0, 1).
  #chance(...parts) { return createHash('sha256').update([this.seed, ...parts].join(' ')).digest().readUInt32BE() / 2 ** 32; }

  #fate(to) {
    const attempt = (this.#attempts.get(to) ?? 0) + 1;
    this.#attempts.set(to, attempt);
    if (to.startsWith('cursed')) return ['cursed', cursed];
    if (to.startsWith('gone')) return ['gone', gone];
    let chance = this.#chance('fate', to, attempt) * 1000;
    for (const [name, fault] of Object.entries(faults)) if (this.faulty && (chance -= fault.of) < 0) return [name, fault];
    return ['fine', fine];
  }

  #write(connection, mail) {
    const { to, id = null, fate: [fate, { at, answer = null, taken = false }] } = mail;
    fs.writeSync(this.log, `${JSON.stringify({ time: Date.now(), node: connection.node, to, id, fate, at, answer, taken })}\n`);
    if (taken) [this.taken, this.lastTaken] = [this.taken + 1, Date.now()];
  }

  async #serve(socket) {
    const connection = { node: '?', socket };
    this.#sockets.add(socket);
    socket.on('error', () => {}); // a client that is killed
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#open.set(connection.node, (this.#open.get(connection.node) ?? 1) - 1);
    });
    try {
      await this.#talk(connection);
    } catch {
      // It was killed in the middle of a word.
    } finally {
      socket.destroy();
    }
  }

  async #talk(connection) {
    const { socket } = connection;
    let [text, mail, inData] = ['', null, false];
    socket.write('220 check\r\n');
    for await (const chunk of socket) {
      text += chunk.toString('latin1');
      for (;;) {
        if (inData && mail.fate[1].at === 'data') return this.#write(connection, mail);
        const end = text.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) break;
        const line = text.slice(0, end);
        text = text.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          mail.id = /^message-id:\s*(\S+)/im.exec(line)?.[1] ?? null;
          if (!await this.#answer(connection, mail)) return;
          continue;
        }

        const [verb] = line.toUpperCase().split(/[ :]/);
        if (verb === 'EHLO') this.#greet(connection, line.slice(5).trim());
        else if (verb === 'MAIL' || verb === 'RSET' || verb === 'NOOP') socket.write('250 2.0.0 Ok\r\n');
        else if (verb === 'RCPT') {
          const to = /<([^>]*)>/.exec(line)[1];
          mail = { to, fate: this.#fate(to) };
          if (mail.fate[1].at !== 'rcpt') socket.write('250 2.1.5 Ok\r\n');
          else if (!await this.#answer(connection, mail)) return;
        } else if (verb === 'DATA') {
          inData = true;
          socket.write('354 Go\r\n');
        } else {
          socket.end(verb === 'QUIT' ? '221 Bye\r\n' : '500 5.5.1 Unknown\r\n');
          return;
        }
      }
    }
  }

  #greet(connection, node) {
    connection.node = node;
    this.#open.set(node, (this.#open.get(node) ?? 0) + 1);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#open.get(node));
    connection.socket.write('250-check\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 10000000\r\n');
  }

  // False: the connection is over.
  async #answer(connection, mail) {
    const [, { at, answer, half, drops, taken }] = mail.fate;
    const { socket, node } = connection;
    this.#write(connection, mail);
    if (at === 'dot') {
      if (taken) this.emit('taken', node);
      await pause(10 + 50 * this.#chance('pause', mail.to, this.#attempts.get(mail.to)));
    }

    if (half) socket.write(half);
    if (answer) socket.write(`${answer}\r\n`);
    if (answer && taken) this.emit('answered', node);
    if (!drops && !answer && !half && !socket.destroyed) await once(socket, 'close');
    if (drops) await new Promise(done => socket.end(done));
    return !drops && !!answer;
  }
}
