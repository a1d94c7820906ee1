import { definePlatform } from '../connector';
import { createClient } from './client';
import { announce, send, showPresence, survey } from './conversation';
import { download } from './image';
import { TEXT_LIMIT } from './outgoing';
import { settings } from './settings';
import { parseWebhook } from './webhook';

/**
 * Google Business Messages, whose conversations have a representative, BOT or HUMAN. The service ended on 2024-07-31;
 * this speaks its published contract.
 */
export const businessMessages = definePlatform('business-messages', {
  settings,
  create(own) {
    const http = createClient(own);
    return {
      capabilities: { history: false, representatives: true, typing: true, textLimit: TEXT_LIMIT },
      botUrl: own.botUrl,
      /** The API has no way to read: what the bot's call brings along is all there is. */
      readHistory: () => Promise.resolve({ entries: [], gap: 'not-readable' }),
      readContext: () => Promise.resolve({ tags: [], attributes: {} }),
      send: (message) => send(http, own, message),
      agentJoined: (event) => announce(http, own, 'REPRESENTATIVE_JOINED', event),
      agentLeft: (event) => announce(http, own, 'REPRESENTATIVE_LEFT', event),
      showPresence: (conversationId, presence) => showPresence(http, own, conversationId, presence),
      /** A conversation has neither tags nor metadata to note a case in. */
      link: () => Promise.resolve(),
      /** Nothing to close: with the agent's leaving the conversation is the bot's again. */
      close: (conversationId) => (own.surveyAfterClose ? survey(http, conversationId) : Promise.resolve()),
      isClosed: () => Promise.resolve(true),
      // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to arrive as a rejection
      parseWebhook: async (request) => parseWebhook(own.webhook, request),
      download,
    };
  },
});
