import { createHash } from 'node:crypto';
import type { ApiFault, WebhookFault } from '../../sandbox/shared/faults';
import { planConversation } from './plan-conversation';
import { planDisturbances } from './plan-disturbances';
import type { TortureOptions } from './options';
import { createRandom } from './random';

/** All that is to happen in a run, as data: the same options give the same plan. */
export interface Plan {
  conversations: ConversationPlan[];
  disturbances: Disturbance[];
}

export type DeskName = 'support' | 'backoffice';

export interface ConversationPlan {
  name: string;
  /** When it begins, as a part of the run's duration. */
  startsAt: number;
  /** The contact center that its case is opened in. */
  desk: DeskName;
  /** So many of the end user's messages are written before the bot hands over: the transcript. */
  past: number;
  steps: Step[];
  ending: Ending;
  /** Faults of calls about this conversation and its cases, each used once. */
  apiFaults: PlannedFault[];
  /** What happens to its webhooks, one after the other; after the last one they are as usual. */
  webhookFaults: { platform: WebhookFault[]; desk: WebhookFault[] };
}

/**
 * How it ends: the agent closes the case, the end user writes `/end`, an operator closes the handoff, somebody closes
 * the conversation on the platform, or an operator terminates the workflow itself.
 */
export type Ending = 'agent' | 'end-user' | 'operator' | 'elsewhere' | 'terminated';

/** Something that an end user, an agent, the bot, an operator or a stranger does, after a pause. */
export type Step = { pauseMs: number } & (
  | { do: 'write'; n: number; content: ContentPlan; afterAnswers: boolean }
  | { do: 'answer'; n: number; content: ContentPlan; afterQuestions: boolean }
  /** The bot's call: `times` at once. */
  | { do: 'hand-off'; times: number }
  | { do: 'join' }
  | { do: 'leave' }
  | { do: 'transfer'; to: DeskName }
  /** The agent closes the case and opens it again. */
  | { do: 'reopen' }
  | { do: 'forge'; what: Forgery }
  /** From now on the vendor fails every call about this conversation, until all others are over. */
  | { do: 'break'; what: 'reads' | 'conversation' | 'case' }
  | { do: 'await-repair' }
  /** An operator closes the handoff as soon as its case is being opened. */
  | { do: 'cut-opening' }
  | { do: 'end' }
);

/** What must not come through: wrong credentials, or another contact center's name for the case. */
export type Forgery = 'wrong-secret' | 'wrong-signature' | 'old-signature' | 'strange-desk' | 'unknown-case';

export type ContentPlan = { kind: 'text' | 'file'; bytes: number };

/** What a call is about, seen from the vendor. */
export type Operation =
  | 'send'
  | 'read-messages'
  | 'check-conversation'
  | 'close-conversation'
  | 'link'
  | 'open-case'
  | 'find-case'
  | 'append'
  | 'find-appended'
  | 'read-agent-messages'
  | 'note'
  | 'close-case'
  | 'read-feed'
  | 'other';

export interface PlannedFault {
  operation: Operation;
  /** So many calls of this kind go well before. */
  after: number;
  fault: ApiFault;
}

export type ProcessName = 'api-1' | 'api-2' | 'worker-1' | 'worker-2' | 'temporal';
export type Link = ProcessName | 'platform' | 'desks' | 'webhooks';

/** Something that befalls all conversations at once, when so large a part of all steps is done. */
export type Disturbance = { at: number; forMs: number } & (
  | { what: 'process'; target: ProcessName; how: 'kill' | 'pause' | 'restart' }
  | { what: 'network'; link: Link; how: 'cut' | 'slow' | 'stall' }
  | { what: 'outage'; vendor: 'platform' | DeskName; answer: ApiFault['answer'] }
);

export function makePlan(options: TortureOptions): Plan {
  const random = createRandom(options.seed);
  return {
    conversations: Array.from({ length: options.conversations }, (_, i) =>
      planConversation(i, options, random.fork(`conversation ${i}`)),
    ),
    disturbances: planDisturbances(options, random.fork('disturbances')),
  };
}

/** Tells plans apart in reports. */
export function hashOf(plan: Plan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex').slice(0, 12);
}

/** How many steps there are, by which disturbances know when it is their turn. */
export function stepsIn({ conversations }: Plan): number {
  return conversations.reduce((sum, { steps }) => sum + steps.length, 0);
}
