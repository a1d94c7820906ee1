import type { Violation } from './check';
import { MAX_TEXT_BYTES } from './plan-conversation';
import type { CaseRecord, ConversationRecord, Received, SentMessage } from './record';
import { ofDirection, readSequence } from './sequence';
import { readTag } from './texts';

/** Agents' messages: each at the end user once, in order, or reported to the agents as undeliverable. */
export function checkOutbound(record: ConversationRecord): Violation[] {
  const sent = ofDirection(record.sent, 'outbound');
  // The service's own texts have no number.
  const received = record.platform.received.filter(
    ({ text }, i, all) => readTag(text) !== undefined || isTail(text, all[i - 1], sent),
  );
  const { numbers, violations } = readSequence(received, sent, 'the end user');
  const arrived = new Set(numbers);
  const missing = sent.filter(({ n }) => !arrived.has(n));
  return [...violations, ...unreported(missing, reportsIn(record.cases))];
}

/** The last part of a long message may be too short for its number. */
function isTail(text: string, before: Received | undefined, sent: SentMessage[]): boolean {
  const last = before?.text ?? '';
  return sent.some((one) => one.text.endsWith(last + text) && readTag(last)?.n === one.n);
}

interface Reports {
  tooLarge: number;
  /** Each may stand for many: one line says that the conversation is over, whatever is written after it. */
  over: number;
  isOver: boolean;
  others: string[];
}

const NOT_DELIVERED = /^Not delivered to the end user \((.+)\): (?:(\d+) messages since|the message of) /;
const IS_OVER = /^The (conversation with the end user|handoff) (has )?ended/;
const TOO_LATE = ['the conversation is closed', 'the conversation has moved to another case'];

function reportsIn(cases: CaseRecord[]): Reports {
  const reports: Reports = { tooLarge: 0, over: 0, isOver: false, others: [] };
  for (const note of cases.flatMap(({ notes }) => notes)) {
    if (IS_OVER.test(note)) reports.isOver = true;
    const [, reason, count] = NOT_DELIVERED.exec(note) ?? [];
    if (reason === undefined) continue;
    if (reason === 'too large for the channel') reports.tooLarge += Number(count ?? 1);
    else if (TOO_LATE.includes(reason)) reports.over += Number(count ?? 1);
    else reports.others.push(reason);
  }
  return reports;
}

/** Messages that did not arrive and whose agent was not notified why, or for a reason that is not true. */
function unreported(missing: SentMessage[], reports: Reports): Violation[] {
  const found: Violation[] = reports.others.map((reason) => ({
    kind: 'misreported',
    detail: `reported to an agent: ${reason}`,
  }));
  const tooLarge = missing.filter(({ bytes }) => bytes > MAX_TEXT_BYTES);
  // Found by reading after the end that the agent has brought about meanwhile.
  const mayBeLate = ({ racing, isUnreported }: SentMessage) => racing || isUnreported;
  const late = missing.filter((one) => !tooLarge.includes(one) && mayBeLate(one));
  const others = missing.filter((one) => !tooLarge.includes(one) && !mayBeLate(one));
  const isCovered = reports.isOver || reports.over >= late.length + others.length;
  for (const { n } of others) {
    const what = isCovered ? 'was called too late although the agent wrote it before the end' : 'never came';
    found.push({ kind: 'lost', detail: `the agent's message ${n} ${what}` });
  }
  if (!isCovered)
    found.push(...late.map(({ n }): Violation => ({ kind: 'lost', detail: `the agent's late message ${n}` })));
  const unnotified = tooLarge.filter((one) => !mayBeLate(one)).length - reports.tooLarge;
  if (unnotified > 0)
    found.push({ kind: 'lost', detail: `${unnotified} of the agent's messages, which are too large` });
  if (reports.tooLarge > tooLarge.length) {
    found.push({ kind: 'misreported', detail: '"too large" was reported to an agent, of a message that is not' });
  }
  return found;
}
