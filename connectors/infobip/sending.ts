import { z } from 'zod';
import type { ReplyAddress } from '../../domain/message';
import type { OutgoingMessage } from '../platform';
import { VendorError } from '../shared/errors';
import type { Http } from '../shared/http';
import { fromContent, type OutgoingContent } from './content';
import { readConversation } from './conversation';
import { ask } from './http';
import { conversationUrl, readLastInbound, replyAddress } from './messages';
import { alreadySent } from './read-back';

const created = z.object({ id: z.string() });

/**
 * Sends what a message takes, in order: a long text takes several. Infobip has no idempotency key, so after an attempt
 * with unknown end the caller asks for `readBack`: what stands in the conversation already is not sent again.
 */
export async function send(http: Http, message: OutgoingMessage): Promise<{ platformId: string }> {
  const { conversationId, readBack } = message;
  const parts = fromContent(message.content);
  const sent = readBack ? await alreadySent(http, conversationId, readBack) : undefined;
  const address = await addressOf(http, conversationId, message.replyTo);
  let platformId = '';
  for (const part of parts) {
    const found = sent?.take(part);
    platformId = found ?? (await createMessage(http, conversationId, address, part).catch(orInPart(platformId)));
  }
  return { platformId };
}

/** Where earlier parts are out, a failure that would have had no effect for itself has one for the whole. */
function orInPart(sentBefore: string): (error: unknown) => never {
  return (error) => {
    if (sentBefore === '' || !(error instanceof VendorError) || !PASSING.includes(error.kind)) throw error;
    throw new VendorError('ambiguous', `${error.message}, after a first part was sent`, error.details);
  };
}

const PASSING: VendorError['kind'][] = ['rate-limited', 'unavailable', 'unauthorized'];

export async function addressOf(
  http: Http,
  conversationId: string,
  known: ReplyAddress | undefined,
): Promise<ReplyAddress> {
  if (known?.channel && known.from && known.to) return known;
  const address = replyAddress(await readLastInbound(http, conversationId));
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
    return (await ask(http, 'create message', config, created)).id;
  };
  try {
    return await post(agentId);
  } catch (error) {
    if (!mayBeTheAgent(error)) throw error;
    const assigned = (await readConversation(http, conversationId)).agentId;
    // The conversation may be assigned to the bot, in whose name nothing is sent.
    const other = assigned === agentId ? undefined : assigned;
    if (other === agentId) throw error;
    return post(other);
  }
}

function mayBeTheAgent(error: unknown): boolean {
  if (!(error instanceof VendorError)) return false;
  return (error.kind === 'rejected' && [400, 404].includes(error.details.status ?? 0)) || error.details.status === 403;
}
