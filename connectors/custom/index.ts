import { z } from 'zod';
import { MEBIBYTE, type Delivery } from '../../domain/capabilities';
import { defineContactCenter } from '../connector';
import { partOf, rateLimitSetting } from '../shared/rate-limit';
import { baseUrlSetting } from '../shared/url-setting';
import { createDeskClient } from './call';
import { caseCalls, openCases } from './cases';
import { agentMessages, eventFeed } from './feed';
import { webhookParser } from './webhook';
import { MAX_INLINE_FILE_BYTES } from './wire';

const SECRET = 'invalid secret; write whsec_ and 24 to 64 random bytes in base64';

/** Standard Webhooks asks for 24 to 64 random bytes. */
const secret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, SECRET)
  .refine((value) => {
    const { length } = Buffer.from(value.slice('whsec_'.length), 'base64');
    return length >= 24 && length <= 64;
  }, SECRET);

const settings = z.strictObject({
  kind: z.literal('custom'),
  /** The desk's API, without a slash at its end. */
  baseUrl: baseUrlSetting(),
  secret,
  /** Still accepted and still signed with, while the desk changes over to `secret`. */
  previousSecrets: z.array(secret).default([]),
  /** Whether the desk has the feed `GET /events`; without it, an event whose webhook is lost is lost. */
  events: z.boolean().default(true),
  /** Whether the desk has `GET /cases/{id}/agent-messages`: a long queue then need not keep their text. */
  agentMessages: z.boolean().default(false),
  /** Whether the desk has `GET /cases?open=true`, which finds cases that no handoff cares for any more. */
  openCases: z.boolean().default(false),
  /** The desk opens a closed case again when a message comes for it. */
  appendReopens: z.boolean().default(false),
  /** The contract names no limit: a desk that has one answers 429, and its operator sets it here. */
  rateLimit: rateLimitSetting({ perSecond: 200, burst: 400 }),
  timeoutMs: z.int().min(100).max(60_000).default(20_000),
});

/** Any desk that speaks the contract of docs/custom-contact-center.md. */
export const custom = defineContactCenter('custom', {
  settings,
  formerKind: 'webhook',
  create(options, { processes }) {
    const secrets = [options.secret, ...options.previousSecrets];
    const desk = createDeskClient({ ...options, secrets, rateLimit: partOf(options.rateLimit, processes) });
    const delivery: Delivery[] = options.events ? ['webhook', 'poll'] : ['webhook'];
    return {
      capabilities: {
        delivery: { agentMessages: delivery, closure: delivery },
        append: { messages: 10, bytes: MEBIBYTE, fileBytes: MAX_INLINE_FILE_BYTES },
        appendReopens: options.appendReopens,
        rereadable: options.agentMessages,
      },
      ...caseCalls(desk),
      webhook: webhookParser(secrets),
      ...(options.events && { poll: eventFeed(desk) }),
      ...(options.agentMessages && { agentMessages: agentMessages(desk) }),
      ...(options.openCases && { openCases: openCases(desk) }),
    };
  },
});
