import { randomBytes, randomUUID } from 'node:crypto';
import type { Account } from '../../accounts/connect';
import { snapshot } from '../../accounts/snapshot';
import { boundedId } from '../../domain/bounded-event';
import type { HandoffInput } from '../../domain/contract';
import type { HandoffCall } from '../../domain/handoff';
import { handoffId } from '../../domain/ids';
import { caseEventsIn } from '../../domain/late-note';
import type { AppContext } from '../context';
import { unavailable } from '../http/problem';
import type { Temporal } from '../temporal/client';

/** A request for a handoff. `requestId` names a webhook that may come again, even after the handoff has ended. */
export interface StartRequest {
  account: Account;
  conversationId: string;
  call: HandoffCall;
  requestId?: string;
}

export interface Started {
  handoffId: string;
  /** `accepted`: a handoff starts, now or `next`, as soon as the one that is being closed has ended. */
  status: 'accepted' | 'existing';
  next: boolean;
}

/** A handoff may end between "one is running" and the request to it: then it is started after all. */
const ATTEMPTS = 3;

const VIEW_DEADLINE_MS = 1_000;

/** The requests that are remembered from one handoff of a conversation to the next. */
const MAX_REMEMBERED = 20;

/** Starts a conversation's handoff, or finds the open one. Once it answers, Temporal has the request durably. */
export async function startHandoff(context: AppContext, request: StartRequest): Promise<Started> {
  const { account, conversationId } = request;
  const id = handoffId({ account: account.name, conversationId });
  const started = { handoffId: id, ...(await startOrRequestNext(context, id, request)) };
  context.metrics.handoffs.inc({ account: account.name, status: started.status });
  return started;
}

async function startOrRequestNext(
  { temporal, now }: AppContext,
  id: string,
  { account, conversationId, call, requestId: given }: StartRequest,
): Promise<Omit<Started, 'handoffId'>> {
  const requestId = given && boundedId(given);
  const nonce = randomBytes(6).toString('hex');
  const input: HandoffInput = { account: account.name, conversationId, nonce, call, settings: snapshot(account) };
  const event = { type: 'handoff-requested', id: requestId ?? randomUUID(), nonce, call } as const;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const before = await temporal.describe(id);
    const answered = before?.startedBy ?? [];
    if (requestId && answered.includes(requestId)) return { status: 'existing', next: false };
    const startedBy = [...(requestId ? [requestId] : []), ...answered].slice(0, MAX_REMEMBERED);
    const memo = { startedAt: new Date(now()).toISOString(), startedBy };
    const seenBefore = before?.completed ? caseEventsIn((await temporal.result(before)).seen) : [];
    const status = await temporal.start({ ...input, seenBefore }, staticDetails(account, call), memo);
    if (status === 'accepted') return { status, next: false };
    if (await temporal.deliver(id, [event])) {
      const next = await isClosing(temporal, id);
      return { status: next ? 'accepted' : 'existing', next };
    }
  }
  throw unavailable('The previous handoff of this conversation is ending. Try again.', { retryAfterMs: 1_000 });
}

/** Whether the handoff that has the request is ending. Where no worker can tell, it counts as open. */
async function isClosing(temporal: Temporal, id: string): Promise<boolean> {
  const view = await temporal.view(id, VIEW_DEADLINE_MS).catch(() => undefined);
  return view?.outcome !== undefined;
}

/** What the Temporal UI shows of the call: nothing about the end user. */
function staticDetails(account: Account, { queue, language, priority }: HandoffCall): string {
  const lines = { platform: account.settings.platform.kind, queue, language, priority };
  return Object.entries(lines)
    .filter(([, value]) => value)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n');
}
