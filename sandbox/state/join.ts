import type { HandoffView } from '../../domain/handoff';
import { handoffId, handoffIdOfCaseKey } from '../../domain/ids';
import type { Desk, DeskCase } from '../desk';
import type { ProcessesView } from '../launch/supervisor';
import type { Processes } from '../processes';
import type { Faults } from '../shared/faults';
import { summaryOf, viewOf } from './case';
import type { KnownHandoff, LastKnown } from './last-known';
import type { Phone, PhoneReading } from './phone';
import { withStatuses, withTexts, type PhoneView, type SandboxState } from './view';

/** An account of the settings: a platform, and the desk where its handoffs go. */
export interface SandboxAccount {
  phone: Phone;
  platformFaults: Faults;
  desk: Desk;
}

/** Where the page's state comes from. */
export interface Sources {
  accounts: SandboxAccount[];
  handoffs: Pick<LastKnown, 'read'>;
  /** Under `npm start` alone. */
  processes?: Processes;
  links: SandboxState['links'];
}

/** What to show: by default the first platform and the end user whose conversation is the latest. */
export interface StateQuery {
  platform?: string;
  endUser?: string;
  conversation?: string;
  /** The id of one of the end user's cases. */
  case?: string;
}

/** All that the page shows at this moment. Undefined when there is no such platform. */
export async function readState(sources: Sources, query: StateQuery): Promise<SandboxState | undefined> {
  const { accounts, links, processes } = sources;
  const chosen = query.platform === undefined ? accounts[0] : accounts.find(({ phone }) => phone.id === query.platform);
  if (!chosen) return undefined;
  const { phone, desk, platformFaults } = chosen;
  const endUsers = phone.endUsers();
  const endUser = query.endUser ?? ownerOf(phone, query.conversation) ?? endUsers[0]?.id;
  const running = await processes?.view();
  const isAway = absence(running) !== undefined;
  const handoff =
    endUser === undefined ? {} : await readHandoff(sources, chosen, { endUser, caseId: query.case, isAway });
  return {
    links,
    platforms: accounts.map(({ phone: { id, label } }) => ({ id, label })),
    endUsers,
    faults: { platform: platformFaults.webhooks.delivery, desk: desk.faults.webhooks.delivery },
    running,
    deliveries: [],
    cases: [],
    ...handoff,
    problem: handoff.problem && (absence(running) ?? handoff.problem),
  };
}

/** Names the process that is away, which says more than the error that follows from it. */
function absence(running: ProcessesView | undefined): string | undefined {
  const away = running?.processes.find(({ state }) => state !== 'running');
  return away && `${away.name === 'temporal' ? 'Temporal' : `The ${away.name}`} is being started again.`;
}

function ownerOf(phone: Phone, conversation: string | undefined): string | undefined {
  return conversation === undefined ? undefined : phone.endUserOf(conversation)?.id;
}

type HandoffPart = Partial<
  Pick<SandboxState, 'phone' | 'desk' | 'cases' | 'handoff' | 'deliveries' | 'staleSince' | 'workflowUrl' | 'problem'>
>;

async function readHandoff(
  { handoffs, links }: Sources,
  { phone, desk }: SandboxAccount,
  { endUser, caseId, isAway }: { endUser: string; caseId?: string; isAway: boolean },
): Promise<HandoffPart> {
  const conversationId = phone.view(endUser)?.conversationId;
  if (conversationId === undefined) return {};
  const id = handoffId({ account: phone.account, conversationId });
  const { handoff, staleSince, problem } = await handoffs.read(id, isAway);
  const messages = handoff?.messages ?? [];
  // Read after the handoff, so that no delivery status comes without its message.
  const shown = phone.view(endUser);
  const cases = casesOf(desk, phone, endUser);
  const views = cases.map(viewOf);
  const found = views.find((view) => view.caseId === caseId) ?? views.at(-1);
  return {
    phone: shown && { ...completed(shown, handoff), lines: withStatuses(shown.lines, 'inbound', messages) },
    desk: found && { ...found, lines: withStatuses(found.lines, 'outbound', messages) },
    cases: cases.map(summaryOf).reverse(),
    handoff,
    deliveries: withTexts(messages, [...(shown?.lines ?? []), ...views.flatMap(({ lines }) => lines)]),
    staleSince,
    workflowUrl: handoff && workflowUrl(links.temporalUi, id),
    problem,
  };
}

/** A handoff may have had several cases, and an end user several handoffs. */
function casesOf(desk: Desk, phone: Phone, endUser: string): DeskCase[] {
  const { account } = phone;
  const ids = new Set(phone.conversationsOf(endUser).map((conversationId) => handoffId({ account, conversationId })));
  return desk.cases().filter(({ key }) => ids.has(handoffIdOfCaseKey(key)!));
}

/** Adds what the platform does not know: then the handoff says whether the bot gets the messages and who speaks. */
function completed(reading: PhoneReading, handoff: KnownHandoff['handoff']): PhoneView {
  const bot = handoff && handoff.state !== 'closed' ? 'paused' : 'listening';
  return { bot, representative: representativeOf(handoff), ...reading };
}

function representativeOf(
  handoff: Pick<HandoffView, 'representative' | 'agent'> | undefined,
): PhoneView['representative'] {
  return { type: handoff?.representative ?? 'BOT', name: handoff?.agent?.name, avatarUrl: handoff?.agent?.avatarUrl };
}

function workflowUrl(temporalUi: string | undefined, id: string): string | undefined {
  return temporalUi && `${temporalUi}/namespaces/default/workflows/${encodeURIComponent(id)}`;
}
