import { z } from 'zod';
import type { AgentPresence } from '../../domain/events';
import { contentAsText, type ReplyAddress } from '../../domain/message';
import { VendorError } from '../shared/errors';
import type { Http } from '../shared/http';
import type { OutgoingMessage } from '../platform';
import { contentOf, fromContent, type OutgoingContent } from './content';
import { readConversation } from './conversation';
import { ask } from './http';
import { conversationUrl, readLastInbound, readOutbound, replyAddress } from './messages';
import type { Message } from './model';

/** How much earlier than the first attempt a message is looked for: Infobip's clock is not ours. */
const OVERLAP_MS = 60_000;

/**
 * Sends what a message takes, in order: a long text takes several. Infobip has no idempotency key, so after an attempt
 * with unknown end whatever stands in the conversation already is not sent again.
 */
export async function send(http: Http, message: OutgoingMessage): Promise<{ platformId: string }> {
  const { conversationId, readBack } = message;
  const parts = fromContent(message.content);
  const sent = readBack ? await readOutbound(http, conversationId, Date.parse(readBack.since) - OVERLAP_MS) : [];
  const taken = new Set(readBack?.knownIds);
  const address = await addressOf(http, conversationId, message.replyTo);
  let platformId = '';
  for (const part of parts) {
    const found = sent.find((candidate) => !taken.has(candidate.id) && says(candidate, part));
    platformId = found?.id ?? (await createMessage(http, conversationId, address, part));
    taken.add(platformId);
  }
  return { platformId };
}

/** Whether a message read back is this one, though Infobip adds fields and may trim its text. */
function says(candidate: Message, part: OutgoingContent): boolean {
  const text = (of: Parameters<typeof contentOf>[0]) => contentAsText(contentOf(of)).trim();
  return text(candidate) === text(part);
}

async function addressOf(http: Http, conversationId: string, known: ReplyAddress | undefined): Promise<ReplyAddress> {
  if (known?.channel && known.from && known.to) return known;
  const address = replyAddress(await readLastInbound(http, conversationId), undefined);
  if (address) return address;
  throw new VendorError('rejected', 'Infobip: create message needs an inbound message to answer, and there is none');
}

/**
 * An assigned conversation takes messages in its agent's name only, and the assignment may have changed since the
 * address was learned: a refusal is tried once more with the agent of now.
 */
async function createMessage(
  http: Http,
  conversationId: string,
  address: ReplyAddress,
  part: OutgoingContent,
): Promise<string> {
  const { channel, from, to, agentId } = address;
  const post = async (as: string | undefined) => {
    const config = {
      method: 'POST',
      url: `${conversationUrl(conversationId)}/messages`,
      headers: as ? { 'x-agent-id': as } : {},
      data: { channel, from, to, ...part },
    };
    return (await ask(http, 'create message', config, z.object({ id: z.string() }))).id;
  };
  try {
    return await post(agentId);
  } catch (error) {
    if (!mayBeTheAgent(error)) throw error;
    const assigned = (await readConversation(http, conversationId)).agentId;
    // The agent of the conversation may be the bot, which is no agent to speak for.
    const other = assigned === agentId ? undefined : assigned;
    if (other === agentId) throw error;
    return post(other);
  }
}

function mayBeTheAgent(error: unknown): boolean {
  if (!(error instanceof VendorError)) return false;
  return (error.kind === 'rejected' && error.details.status === 400) || error.details.status === 403;
}

const TYPING_CHANNELS = ['LIVE_CHAT', 'APPLE_BUSINESS_CHAT', 'WHATSAPP'];

/** Typing on the channels that know it. Infobip has no way to say that an agent has read. */
export async function showPresence(
  http: Http,
  conversationId: string,
  presence: AgentPresence,
  known: ReplyAddress | undefined,
): Promise<void> {
  if (presence.type !== 'typing') return;
  const { channel = '', from, to } = await addressOf(http, conversationId, known);
  if (!TYPING_CHANNELS.includes(channel)) return;
  const data = { channel, from, to, type: 'TYPING_STARTED' };
  await http.request('send typing event', { method: 'POST', url: `${conversationUrl(conversationId)}/events`, data });
}
