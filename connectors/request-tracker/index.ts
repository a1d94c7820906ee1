import { MEBIBYTE } from '../../domain/capabilities';
import { defineContactCenter } from '../connector';
import { partOf, RateLimiter } from '../shared/rate-limit';
import { openFile } from './attachments';
import { caseCalls } from './cases';
import { createClient } from './client';
import { feedCalls } from './feed';
import { createLookups } from './lookups';
import { messageCalls } from './messages';
import { settings } from './settings';

/** No single transaction may hold the feed for longer. */
const FEED_TIMEOUT_MS = 10_000;

/** Best Practical's Request Tracker 5, by its REST 2 API, its mail gateway and one feed of all that happens. */
export const requestTracker = defineContactCenter('request-tracker', {
  settings,
  create(own, { account, processes }) {
    const limiter = new RateLimiter(partOf(own.rateLimit, processes));
    const client = createClient(own, limiter);
    const lookups = createLookups(client, own);
    const { findCase, openCase, close, listOpen } = caseCalls(client, lookups, own);
    const reading = { ...own, timeoutMs: Math.min(own.timeoutMs, FEED_TIMEOUT_MS) };
    const readingClient = createClient(reading, limiter);
    const { start, read, agentMessages } = feedCalls(
      readingClient,
      createLookups(readingClient, own),
      reading,
      account,
    );
    return {
      capabilities: {
        delivery: { agentMessages: ['poll'], closure: ['poll'] },
        // A ticket takes one message at a time.
        append: { messages: 1, bytes: MEBIBYTE, fileBytes: 20 * MEBIBYTE },
        // A reply by the API does; one by the mail gateway asks not to, which a site's own scrips may ignore.
        appendReopens: true,
        rereadable: true,
      },
      findCase,
      openCase,
      close,
      ...messageCalls(client, lookups, own),
      poll: { start, read },
      files: { open: (file) => openFile(client, file) },
      agentMessages: { read: agentMessages },
      openCases: { list: (limit) => listOpen(account, limit) },
    };
  },
});
