import type { AgentPresence } from '../../domain/events';
import type { ReplyAddress } from '../../domain/message';
import type { Http } from '../shared/http';
import { conversationUrl } from './messages';
import { addressOf } from './sending';

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
