import { MEBIBYTE } from '../../domain/capabilities';
import { defineContactCenter } from '../connector';
import { partOf, RateLimiter } from '../shared/rate-limit';
import { caseCalls } from './cases';
import { createClient } from './client';
import { feedCalls } from './feed';
import { openFile } from './files';
import { messageCalls } from './messages';
import { settings } from './settings';
import { ticketReads } from './tickets';

/** Helpdesk tickets of Odoo 19, by its JSON-2 API and one feed of all that happens. */
export const odoo = defineContactCenter('odoo', {
  settings,
  create(own, { account, processes }) {
    const client = createClient(own, new RateLimiter(partOf(own.rateLimit, processes)));
    const tickets = ticketReads(client, account);
    const { findCase, openCase, close, listOpen } = caseCalls(client, tickets, own, account);
    const { start, read, agentMessages } = feedCalls(client, tickets, own.baseUrl);
    return {
      capabilities: {
        delivery: { agentMessages: ['poll'], closure: ['poll'] },
        // A ticket takes one message at a time.
        append: { messages: 1, bytes: MEBIBYTE, fileBytes: 20 * MEBIBYTE },
        appendReopens: false,
        rereadable: true,
      },
      findCase,
      openCase,
      close,
      ...messageCalls(client, tickets),
      poll: { start, read },
      files: { open: (file) => openFile(client, file) },
      agentMessages: { read: agentMessages },
      openCases: { list: listOpen },
    };
  },
});
