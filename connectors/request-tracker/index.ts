import { MEBIBYTE } from '../../domain/capabilities';
import { defineContactCenter } from '../connector';
import { read } from './attachments';
import { caseCalls } from './cases';
import { createClient } from './client';
import { feedCalls } from './feed';
import { createLookups } from './lookups';
import { messageCalls } from './messages';
import { settings } from './settings';

/** Best Practical's Request Tracker 5, by its REST 2 API, its mail gateway and one feed of all that happens. */
export const requestTracker = defineContactCenter('request-tracker', {
  settings,
  create(own) {
    const client = createClient(own);
    const lookups = createLookups(client, own);
    return {
      capabilities: {
        agentMessages: ['poll'],
        closure: ['poll'],
        // A ticket takes one message at a time, and no limit on their number is known.
        appendBatch: 1,
        maxAppendBytes: MEBIBYTE,
        // A customer's message opens a closed ticket again.
        afterClose: 'note',
      },
      ...caseCalls(client, lookups, own),
      ...messageCalls(client, lookups, own),
      ...feedCalls(client, lookups, own),
      download: (file) => read(client, file),
    };
  },
});
