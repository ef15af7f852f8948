// Holds what the ledger says of every reader against what the mail server wrote down itself.
const [due, sent, , failed, left] = [0, 1, 2, 3, 4];
const mostDoubts = 3;

const kind = ({ answer, at }) => answer?.startsWith('2') ? 'taken' : answer?.startsWith('5') ? 'refused' : answer || at !== 'dot' ? 'later' : 'doubt';

/**
 * @param log What the server wrote, in its order.
 * @param readers Everybody: email, status, whether a mail is due to them, and of the ledger state, doubts, attempts and code; no state: no row.
 * @param kills When each process was killed, by its name.
 * @returns Figures, and what is wrong, a line each.
 */
export function account(log, readers, kills, connections) {
  const wrong = [];
  const mails = new Map();
  for (const line of log) mails.set(line.to, [...mails.get(line.to) ?? [], line]);
  const repeats = new Map(); // by process: mails that it had an answer to, and that went again
  const figures = { transactions: log.length, taken: 0, copies: 0, readersWithCopies: 0, inDoubt: 0, unanswered: 0, sent: 0, failed: 0, skipped: 0, refused: 0, deferrals: 0, answeredAndRepeated: 0 };
  const ids = new Map();

  for (const { email, status, isDue, state, doubts, attempts, code } of readers) {
    const lines = mails.get(email) ?? [];
    mails.delete(email);
    const say = what => wrong.push(`${email}: ${what}; ${status}, ledger ${JSON.stringify({ state, doubts, attempts, code })}, log ${JSON.stringify(lines)}`);
    if (!isDue) {
      if (lines.length > 0 || state !== null) say('no mail is due to them');
      continue;
    }

    if (lines.length === 0 || state === null) {
      say('missed');
      continue;
    }

    const last = kind(lines.at(-1));
    const taken = lines.filter(l => l.taken).length;
    const given = new Set(lines.map(l => l.id).filter(id => id !== null));
    figures.taken += taken;
    figures.copies += Math.max(0, taken - 1);
    figures.readersWithCopies += taken > 1 ? 1 : 0;
    figures.inDoubt += doubts;
    figures.unanswered += lines.filter(l => kind(l) === 'doubt' || l.at === 'data').length; // of a mail that was cut off the client may not know how much arrived
    figures.deferrals += lines.filter(l => kind(l) === 'later').length;
    if (status !== (lines[0].fate === 'gone' ? 'Bounced' : 'Active')) say('suppressed without reason, or not with it');
    if (given.size > 1) say('two Message-IDs');
    for (const id of given) {
      if (ids.has(id)) say(`${ids.get(id)} got this Message-ID too`);
      ids.set(id, email);
    }

    for (const line of lines.slice(0, -1).filter(l => ['taken', 'refused'].includes(kind(l)))) {
      figures.answeredAndRepeated++;
      repeats.set(line.node, (repeats.get(line.node) ?? 0) + 1);
      if (!kills.has(line.node)) say(`answered and sent again, though ${line.node} was not killed`);
    }

    if (state === sent) {
      figures.sent++;
      if (last !== 'taken') say('sent by the ledger, not by the log');
    } else if (state === failed) {
      figures.failed++;
      if (last === 'refused') figures.refused++;
      else if (!(last === 'doubt' && doubts >= mostDoubts)) say('failed by the ledger, not by the log');
      if (last === 'refused' && !lines.at(-1).answer.startsWith(`${code} `)) say('another code than the server gave');
    } else if (state === left) {
      figures.skipped++; // refused, and the node was killed when the mailbox was suppressed and the mail's row not yet written
      if (lines.at(-1).fate !== 'gone' || !kills.has(lines.at(-1).node)) say('left by the ledger, and nobody left');
      repeats.set(lines.at(-1).node, (repeats.get(lines.at(-1).node) ?? 0) + 1);
    } else {
      say(state === due ? 'still due' : 'still put off');
    }

    // Each copy but the recorded one was in doubt, and is counted.
    if (taken - (state === sent ? 1 : 0) > doubts) say('more copies than doubts');
  }

  for (const [email, lines] of mails) wrong.push(`${email}: nobody knows them, and they got mail: ${JSON.stringify(lines)}`);
  for (const [node, count] of repeats) if (count > connections) wrong.push(`${node} had ${count} mails that were answered and not stored: more than its ${connections} connections`);
  const most = figures.unanswered + kills.size * connections;
  if (figures.inDoubt > most) wrong.push(`${figures.inDoubt} in doubt: more than ${most}, which is ${figures.unanswered} without an answer and ${connections} for each of ${kills.size} kills`);
  return { figures, wrong };
}
