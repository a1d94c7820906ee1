import type { HandoffView } from '../../domain/handoff';
import { handoffId } from '../../domain/ids';
import type { Desk } from '../desk';
import type { Service } from '../service';
import type { Faults } from '../shared/faults';
import { caseOf } from './case';
import type { Phone, PhoneReading } from './phone';
import { withFates, type PhoneView, type SandboxState } from './view';

/** An account of the settings: a platform, and the desk where its handoffs go. */
export interface SandboxAccount {
  phone: Phone;
  platformFaults: Faults;
  desk: Desk;
}

/** Where the page's state comes from. */
export interface Sources {
  accounts: SandboxAccount[];
  service: Service;
  links: SandboxState['links'];
}

/** What is asked for: by default the first platform, and there whoever has begun a conversation last. */
export interface StateQuery {
  platform?: string;
  customer?: string;
  conversation?: string;
}

/** All that the page shows at this moment. Undefined where there is no such platform. */
export async function readState(sources: Sources, query: StateQuery): Promise<SandboxState | undefined> {
  const { accounts, links } = sources;
  const chosen = query.platform === undefined ? accounts[0] : accounts.find(({ phone }) => phone.id === query.platform);
  if (!chosen) return undefined;
  const { phone, desk, platformFaults } = chosen;
  const customers = phone.customers();
  const customer = query.customer ?? conversationOwner(phone, query.conversation) ?? customers[0]?.id;
  return {
    links,
    platforms: accounts.map(({ phone: { id, label } }) => ({ id, label })),
    customers,
    faults: { platform: platformFaults.webhooks.delivery, desk: desk.faults.webhooks.delivery },
    ...(customer !== undefined && (await readHandoff(sources, chosen, customer))),
  };
}

function conversationOwner(phone: Phone, conversation: string | undefined): string | undefined {
  return conversation === undefined ? undefined : phone.customerOf(conversation)?.id;
}

type HandoffPart = Pick<SandboxState, 'phone' | 'desk' | 'handoff' | 'workflowUrl' | 'problem'>;

async function readHandoff(
  { service, links }: Sources,
  { phone, desk }: SandboxAccount,
  customer: string,
): Promise<HandoffPart> {
  const conversationId = phone.view(customer)?.conversationId;
  if (conversationId === undefined) return {};
  const id = handoffId({ account: phone.account, conversationId });
  const { handoff, problem } = await service.read(id);
  const messages = handoff?.messages ?? [];
  // Read after the handoff, so that no deliveryStatus comes without its message.
  const shown = phone.view(customer);
  const found = caseOf(desk.cases(), id);
  return {
    phone: shown && { ...completed(shown, handoff), lines: withFates(shown.lines, 'inbound', messages) },
    desk: found && { ...found, lines: withFates(found.lines, 'outbound', messages) },
    handoff,
    workflowUrl: handoff && workflowUrl(links.temporalUi, id),
    problem,
  };
}

/** With what the platform does not know of: then the service decides who hears the customer and who speaks. */
function completed(reading: PhoneReading, handoff: SandboxState['handoff']): PhoneView {
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
