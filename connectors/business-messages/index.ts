import { definePlatform } from '../connector';
import { partOf } from '../shared/rate-limit';
import { forwardToBot } from './bot';
import { createClient } from './client';
import { announce, send, showPresence, survey, type Api } from './conversation';
import { openImage } from './image';
import { TEXT_LIMIT } from './outgoing';
import { createPostAs } from './representative';
import { settings } from './settings';
import { parseWebhook } from './webhook';

/**
 * Google Business Messages, whose conversations have a representative, BOT or HUMAN. The service ended on 2024-07-31;
 * this speaks its published contract. It has no way to read a conversation: what the bot's call and the webhooks bring
 * along is all there is.
 */
export const businessMessages = definePlatform('business-messages', {
  settings,
  create(own, { processes }) {
    const http = createClient({ ...own, rateLimit: partOf(own.rateLimit, processes) });
    const api: Api = { http, postAs: createPostAs(own) };
    const { botUrl } = own;
    return {
      textLimit: TEXT_LIMIT,
      readContext: () => Promise.resolve({ tags: [], attributes: {} }),
      send: (message) => send(api, message),
      /** A conversation has neither tags nor metadata to note a case in. */
      link: () => Promise.resolve(),
      /** Nothing to close: when the agent has left, the conversation is the bot's again. */
      close: (conversationId) => (own.surveyAfterClose ? survey(api, conversationId) : Promise.resolve()),
      isClosed: () => Promise.resolve(true),
      // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to arrive as a rejection
      parseWebhook: async (request) => parseWebhook(own.webhook, request),
      representatives: {
        joined: (event) => announce(api, 'REPRESENTATIVE_JOINED', event),
        left: (event) => announce(api, 'REPRESENTATIVE_LEFT', event),
      },
      presence: { show: (conversationId, presence) => showPresence(api, conversationId, presence) },
      files: { open: openImage },
      ...(botUrl !== undefined && { bot: { forward: (request) => forwardToBot(botUrl, request) } }),
    };
  },
});
