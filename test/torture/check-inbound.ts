import { UNDELIVERABLE_TEXT, type Violation } from './check';
import { MAX_TEXT_BYTES } from './plan-conversation';
import type { CaseRecord, ConversationRecord, SentMessage } from './record';
import { ofDirection, readSequence } from './sequence';

/** What an end user types to end the handoff reaches the agent like all else, and has no number. */
const END_KEYWORD = '/end';

/** The end user's messages: each in a case of the conversation once, in order, or reported as undeliverable. */
export function checkInbound(record: ConversationRecord): Violation[] {
  const sent = ofDirection(record.sent, 'inbound');
  const found: Violation[] = [];
  const inCases = new Set<number>();
  const appended: number[] = [];
  for (const one of record.cases) {
    const where = `case ${one.id} of ${one.desk}`;
    // The transcript of a later case begins with what an earlier one has had, so each case is for itself.
    const { numbers, violations } = readSequence(said(one), sent, where);
    found.push(...violations);
    numbers.forEach((n) => inCases.add(n));
    appended.push(...readSequence(said({ ...one, transcript: [] }), sent, where).numbers);
  }
  return [...found, ...doubledAcross(appended, record.cases), ...missing(record, sent, inCases, new Set(appended))];
}

/** In one case twice is found there already. */
function doubledAcross(appended: number[], cases: CaseRecord[]): Violation[] {
  if (cases.length < 2) return [];
  const doubled = appended.filter((n, i) => appended.indexOf(n) !== i);
  return [...new Set(doubled)].map((n) => ({ kind: 'doubled', detail: `message ${n} was added to two cases` }));
}

function said({ transcript, appended, notes }: Pick<CaseRecord, 'transcript' | 'appended' | 'notes'>) {
  const late = notes.flatMap((note) => {
    const found = LATE_MESSAGE.exec(note);
    return found ? [{ text: found[1]!, isQuoted: true }] : [];
  });
  return [...transcript, ...appended, ...late].filter(({ text }) => text !== END_KEYWORD);
}

/** Where a message would open a closed case again, it comes as a note. */
const LATE_MESSAGE = /^The end user wrote after this was closed: (.*)$/s;

function missing(
  record: ConversationRecord,
  sent: SentMessage[],
  inCases: Set<number>,
  appended: Set<number>,
): Violation[] {
  const { plan, handoff, platform, cases } = record;
  // An operator who ends a handoff before it has a case: what the bot was asked before is nobody's loss.
  const isCutShort = cases.length === 0 && plan.steps.some((step) => step.do === 'cut-opening');
  const isTold = platform.received.some(({ text }) => text === UNDELIVERABLE_TEXT);
  return sent.flatMap(({ n, id, bytes, racing }): Violation[] => {
    const status = handoff?.messages?.find((one) => one.id === id && one.direction === 'inbound');
    const isReported = status?.deliveryStatus === 'undeliverable';
    const isTooLarge = bytes > MAX_TEXT_BYTES;
    if (inCases.has(n)) {
      // Too large to be added to one case, it is in the transcript of the next.
      const isRead = isTooLarge && status?.reason === 'too-large' && !appended.has(n);
      if (!isReported || isRead) return [];
      return [
        { kind: 'misreported', detail: `the end user's message ${n} is there, and reported as ${status.reason}` },
      ];
    }
    if (isCutShort && n <= plan.past) return [];
    // Once the conversation is over nobody can be notified of anything in it.
    if (isReported && isTooLarge && status.reason === 'too-large' && (isTold || racing)) return [];
    if (isReported) return [{ kind: 'misreported', detail: `the end user's message ${n}: ${status.reason}` }];
    return [{ kind: 'lost', detail: `the end user's message ${n}${isTooLarge ? ', which is too large' : ''}` }];
  });
}
