import { z } from 'zod';
import { rateLimitSetting } from '../shared/rate-limit';
import { baseUrlSetting } from '../shared/url-setting';

/** Request Tracker's own scale is 0 to 100 unless a queue says otherwise; 50 is what it shows as medium. */
const priorities = z.strictObject({
  LOW: z.int().min(0).default(0),
  NORMAL: z.int().min(0).default(50),
  HIGH: z.int().min(0).default(80),
  URGENT: z.int().min(0).default(100),
});

const MISSING = 'is missing; set a password or a token';
const TWICE = 'is set together with a token; remove one of the two';

export const settings = z
  .strictObject({
    kind: z.literal('request-tracker'),
    /** Where Request Tracker's web pages are, with its path if it has one. */
    baseUrl: baseUrlSetting(),
    /** The account the service works as. Named with a token as well: what it writes is not an agent's answer. */
    username: z.string().min(1),
    password: z.string().min(1).optional(),
    token: z.string().min(1).optional(),
    /** Where cases go that no rule sends to another queue. */
    queue: z.string().min(1).default('General'),
    /** The ticket custom field that carries a handoff's key. */
    customField: z
      .string()
      .regex(/^[^{}]+$/, 'invalid name; write it without { and }')
      .default('HandoffKey'),
    /** As whom the end user's messages appear: the ticket's requestor, through the mail gateway, or our own account. */
    appendAs: z.enum(['requestor', 'service']).default('requestor'),
    /** The domain of made-up addresses for end users who have none; nothing is delivered to it. */
    requestorEmailDomain: z
      .string()
      .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'invalid domain; write it in lower case, such as example.com')
      .default('handoff.invalid'),
    priorities: priorities.prefault({}),
    /** In these statuses a ticket is closed; the first is the one the service itself closes a ticket with. */
    closedStatuses: z.array(z.string().min(1)).min(1).default(['resolved', 'rejected', 'deleted']),
    /** Assumed: Request Tracker has no limit of its own. A proxy before it may, and answers 429 then. */
    rateLimit: rateLimitSetting({ perSecond: 50, burst: 100 }),
    timeoutMs: z.int().min(100).max(60_000).default(20_000),
  })
  .superRefine(
    ({ password, token }, ctx) => {
      if ((password === undefined) !== (token === undefined)) return;
      ctx.addIssue({ code: 'custom', path: ['password'], message: password === undefined ? MISSING : TWICE });
    },
    // Also where other settings are wrong: all mistakes are reported at once.
    { when: () => true },
  );

export type RequestTrackerSettings = z.output<typeof settings>;
