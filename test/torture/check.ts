import type { HandoffAnswer } from '../../api/handoffs/schemas';
import { BUILT_IN_TEXTS } from '../../domain/texts';
import { checkInbound } from './check-inbound';
import { checkOutbound } from './check-outbound';
import type { ConversationRecord } from './record';

/** What a run must not show. Each is a column of its table. */
export const VIOLATIONS = [
  'lost', // sent, and neither received nor reported to its sender
  'doubled',
  'out-of-order',
  'incomplete', // received in part
  'corrupted', // received with another text or file than it was sent with
  'foreign', // received, though nobody in the script has sent it
  'misreported', // reported as undeliverable for a reason that is not true, or received as well
  'conversation-open',
  'case-open',
  'workflow', // failed, terminated or still running
  'unexpected', // the script could not be played to its end
] as const;
export type ViolationKind = (typeof VIOLATIONS)[number];
const LOST_BY_FORCE: ViolationKind[] = ['lost', 'incomplete', 'misreported'];

export interface Violation {
  kind: ViolationKind;
  detail: string;
}

/** Compares what each side has sent with what the other side has received, and how it all ended. Pure. */
export function checkConversation(record: ConversationRecord): Violation[] {
  const isCut = record.plan.ending === 'terminated';
  const messages = [...checkInbound(record), ...checkOutbound(record)];
  return [
    // Of a handoff that was ended by force, what was still to be delivered is lost, and the API says that it failed.
    ...messages.filter(({ kind }) => !isCut || !LOST_BY_FORCE.includes(kind)),
    ...checkEnd(record, isCut),
  ];
}

function checkEnd(record: ConversationRecord, isCut: boolean): Violation[] {
  const { platform, cases, executions, handoff, unexpected } = record;
  const found: Violation[] = unexpected.map((detail) => ({ kind: 'unexpected', detail }));
  if (platform.status !== 'CLOSED') found.push({ kind: 'conversation-open', detail: `it is ${platform.status}` });
  for (const { desk, id, status } of cases) {
    if (status === 'open') found.push({ kind: 'case-open', detail: `case ${id} of ${desk} is open` });
  }
  const workflow = wrongWorkflow(executions, handoff, isCut);
  if (workflow !== undefined) found.push({ kind: 'workflow', detail: workflow });
  return found;
}

function wrongWorkflow([latest, ...earlier]: string[], handoff: HandoffAnswer | undefined, isCut: boolean) {
  if (latest === undefined) return 'Temporal knows no handoff';
  const wrong = earlier.find((status) => status !== 'CONTINUED_AS_NEW' && status !== 'COMPLETED');
  if (wrong) return `a run is ${wrong}`;
  if (isCut) {
    if (latest !== 'TERMINATED') return `it is ${latest} although it was terminated`;
    return handoff?.state === 'failed' ? undefined : `the API says '${handoff?.state}' of a terminated handoff`;
  }
  if (latest !== 'COMPLETED') return `it is ${latest}`;
  return handoff?.state === 'closed' ? undefined : `the API says '${handoff?.state}'`;
}

/** What the end user reads about a message that did not reach the agent. */
export const UNDELIVERABLE_TEXT = BUILT_IN_TEXTS.en!.undeliverable!;
