import { definePlatform } from '../connector';
import { TEXT_LIMIT } from './content';
import { changedSince, close, isClosed, link, readContext } from './conversation';
import { download } from './download';
import { createInfobipHttp } from './http';
import { readHistory } from './messages';
import { send, showPresence } from './sending';
import { settings } from './settings';
import { planSubscription } from './subscription';
import { parseWebhook } from './webhook';

/** Infobip's Conversations API, by which third parties take over from its bots. */
export const infobip = definePlatform('infobip', {
  settings,
  create(own) {
    const http = createInfobipHttp(own);
    const { webhook, linkTag, baseUrl } = own;
    return {
      capabilities: { history: true, representatives: false, typing: true, textLimit: TEXT_LIMIT },
      urlSecret: webhook.secret,
      readHistory: (conversationId, query) => readHistory(http, conversationId, query),
      readContext: (conversationId) => readContext(http, conversationId),
      send: (message) => send(http, message),
      showPresence: (conversationId, presence, replyTo) => showPresence(http, conversationId, presence, replyTo),
      link: (conversationId, to) => link(http, linkTag, conversationId, to),
      close: (conversationId) => close(http, conversationId),
      isClosed: (conversationId) => isClosed(http, conversationId),
      parseWebhook: (request) => parseWebhook(http, webhook.verify, request),
      changedSince: (conversationIds, since) => changedSince(http, conversationIds, since),
      download: (url) => download(http, baseUrl, url),
      planSubscription: async (url) => planSubscription(http, webhook, url),
    };
  },
});
