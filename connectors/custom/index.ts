import { z } from 'zod';
import type { Transport } from '../../domain/capabilities';
import { defineContactCenter } from '../connector';
import { createDeskClient } from './call';
import { CASE_CAPABILITIES, caseCalls } from './cases';
import { eventFeed, webhookParser } from './incoming';

/** Standard Webhooks asks for 24 to 64 random bytes. */
const secret = z
  .string()
  .regex(/^whsec_[A-Za-z0-9+/]+={0,2}$/, "a secret is 'whsec_' and then base64")
  .refine((value) => {
    const { length } = Buffer.from(value.slice('whsec_'.length), 'base64');
    return length >= 24 && length <= 64;
  }, 'a secret has 24 to 64 bytes, in base64');

const settings = z.strictObject({
  kind: z.literal('custom'),
  /** The desk's API, without a slash at its end. */
  baseUrl: z.url({ protocol: /^https?$/ }),
  secret,
  /** Still accepted and still signed with, while the desk changes over to `secret`. */
  previousSecrets: z.array(secret).default([]),
  /** Whether the desk has the feed `GET /events`; without it, an event whose webhook is lost is lost. */
  events: z.boolean().default(true),
  timeoutMs: z.int().min(100).max(60_000).default(20_000),
});

/** Any desk that speaks the contract of docs/custom-contact-center.md. */
export const custom = defineContactCenter('custom', {
  settings,
  create({ baseUrl, secret, previousSecrets, events, timeoutMs }) {
    const secrets = [secret, ...previousSecrets];
    const desk = createDeskClient({ baseUrl, secrets, timeoutMs });
    const transports: Transport[] = events ? ['webhook', 'poll'] : ['webhook'];
    return {
      capabilities: { ...CASE_CAPABILITIES, agentMessages: transports, closure: transports },
      ...caseCalls(desk),
      ...webhookParser(secrets),
      ...(events && eventFeed(desk)),
    };
  },
});
