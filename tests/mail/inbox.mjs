// A mail server that takes every mail and hands it on by its recipient.
import { once } from 'node:events';
import { SMTPServer } from 'smtp-server';

export class Inbox {
  #mails = [];
  #waiting = [];
  count = 0;

  static async open(port) {
    const inbox = new Inbox();
    inbox.server = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS', 'AUTH'], onData: (stream, session, done) => inbox.#take(stream, session, done) });
    await once(inbox.server.listen(port, '127.0.0.1'), 'listening');
    return inbox;
  }

  // The next mail to this recipient, as it came.
  next(recipient) {
    const at = this.#mails.findIndex(m => m.to === recipient);
    if (at >= 0) return Promise.resolve(this.#mails.splice(at, 1)[0].raw);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no mail came to ${recipient} within 20 s`)), 20_000);
      this.#waiting.push({ to: recipient, give: raw => { clearTimeout(late); resolve(raw); } });
    });
  }

  close() { return new Promise(resolve => { this.server.close(resolve); }); }

  async #take(stream, session, done) {
    const raw = Buffer.concat(await stream.toArray());
    const to = session.envelope.rcptTo[0].address;
    this.count++;
    const at = this.#waiting.findIndex(w => w.to === to);
    if (at >= 0) this.#waiting.splice(at, 1)[0].give(raw);
    else this.#mails.push({ to, raw });
    done();
  }
}
