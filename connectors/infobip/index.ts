import { definePlatform } from '../connector';
import { partOf } from '../shared/rate-limit';
import { readContext } from './context';
import { changedSince, close, isClosed, link, listOpen } from './conversation';
import { open } from './files';
import { createInfobipHttp } from './http';
import { TEXT_LIMIT } from './limits';
import { readHistory } from './messages';
import { showPresence } from './presence';
import { send } from './sending';
import { settings } from './settings';
import { planSubscription } from './subscription';
import { parseWebhook } from './webhook';

/** For its messages and its status. */
const CALLS_PER_CONVERSATION = 2;

/** Infobip's Conversations API, by which third parties take over from its bots. */
export const infobip = definePlatform('infobip', {
  settings,
  create(own, { processes }) {
    const limits = { all: partOf(own.rateLimit, processes), reads: partOf(own.messageReadLimit, processes) };
    const http = createInfobipHttp(own, limits);
    const { webhook, linkTag } = own;
    return {
      textLimit: TEXT_LIMIT,
      urlSecret: webhook.secret,
      readContext: (conversationId) => readContext(http, conversationId),
      send: (message) => send(http, message),
      link: (conversationId, to) => link(http, linkTag, conversationId, to),
      close: (conversationId) => close(http, conversationId),
      isClosed: (conversationId) => isClosed(http, conversationId),
      parseWebhook: (request) => parseWebhook(http, webhook.verify, request),
      history: {
        read: (conversationId, query) => readHistory(http, conversationId, query),
        readsPerSecond: Math.min(limits.all.perSecond / CALLS_PER_CONVERSATION, limits.reads.perSecond),
      },
      presence: {
        show: (conversationId, presence, replyTo) => showPresence(http, conversationId, presence, replyTo),
      },
      changes: { since: (conversationIds, since) => changedSince(http, conversationIds, since) },
      files: { open: (url) => open(http, own, url) },
      subscription: { plan: (url) => planSubscription(http, webhook, url) },
      openConversations: linkTag === null ? undefined : { list: (limit) => listOpen(http, linkTag, limit) },
    };
  },
});
