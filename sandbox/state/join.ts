import { handoffId } from '../../domain/ids';
import type { Desk } from '../desk';
import type { Layer } from '../layer';
import { caseOf } from './case';
import type { Phone } from './phone';
import { withFates, type SandboxState } from './view';

/** Where the page's state comes from. */
export interface Sources {
  phones: Phone[];
  desk: Desk;
  layer: Layer;
  links: SandboxState['links'];
  faults(phone: Phone): SandboxState['faults'];
}

/** What is asked for: by default the first platform, and there whoever has begun a conversation last. */
export interface StateQuery {
  platform?: string;
  customer?: string;
  conversation?: string;
}

/** All that the page shows at this moment. Undefined where there is no such platform. */
export async function readState(sources: Sources, query: StateQuery): Promise<SandboxState | undefined> {
  const { phones, links } = sources;
  const chosen = query.platform === undefined ? phones[0] : phones.find(({ id }) => id === query.platform);
  if (!chosen) return undefined;
  const customers = chosen.customers();
  const customer = query.customer ?? conversationOwner(chosen, query.conversation) ?? customers[0]?.id;
  return {
    links,
    platforms: phones.map(({ id, label }) => ({ id, label })),
    customers,
    faults: sources.faults(chosen),
    ...(customer !== undefined && (await readHandoff(sources, chosen, customer))),
  };
}

function conversationOwner(phone: Phone, conversation: string | undefined): string | undefined {
  return conversation === undefined ? undefined : phone.customerOf(conversation)?.id;
}

type HandoffPart = Pick<SandboxState, 'phone' | 'desk' | 'handoff' | 'workflowUrl' | 'problem'>;

async function readHandoff({ desk, layer, links }: Sources, chosen: Phone, customer: string): Promise<HandoffPart> {
  const conversationId = chosen.view(customer)?.conversationId;
  if (conversationId === undefined) return {};
  const id = handoffId({ account: chosen.account, conversationId });
  const { handoff, problem } = await layer.read(id);
  const messages = handoff?.messages ?? [];
  // Read after the handoff, so that no fate comes without its message.
  const phone = chosen.view(customer);
  const found = caseOf(desk.cases(), id);
  return {
    phone: phone && { ...phone, lines: withFates(phone.lines, 'inbound', messages) },
    desk: found && { ...found, lines: withFates(found.lines, 'outbound', messages) },
    handoff,
    workflowUrl: handoff && workflowUrl(links.temporalUi, id),
    problem,
  };
}

function workflowUrl(temporalUi: string | undefined, id: string): string | undefined {
  return temporalUi && `${temporalUi}/namespaces/default/workflows/${encodeURIComponent(id)}`;
}
