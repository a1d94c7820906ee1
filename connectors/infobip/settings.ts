import { z } from 'zod';
import { rateLimitSetting } from '../shared/rate-limit';
import { baseUrlSetting } from '../shared/url-setting';
import { FILE_PATHS, MESSAGE_READ_LIMIT, RATE_LIMIT } from './limits';

/** An id that is part of paths. */
const id = z.string().regex(/^(?!\.{1,2}$)[A-Za-z0-9._~-]{1,255}$/, 'invalid id; use letters, digits, and . _ ~ -');

const webhook = z.strictObject({
  /** `account-configuration` is the older way, with one URL per Infobip account; Infobip removes it on 2026-12-31. */
  mode: z.enum(['subscription', 'account-configuration']),
  /** Ends the webhook's URL: Infobip's posts carry no credentials, so whoever knows the URL is believed. */
  secret: z
    .string()
    .regex(/^[A-Za-z0-9._~-]{8,}$/, 'too short, or invalid character; use at least 8 letters, digits, and . _ ~ -'),
  /** `read-back` believes no webhook and reads each message from Infobip, at the price of one call each. */
  verify: z.enum(['none', 'read-back']).default('none'),
  subscriptionId: id.default('durable-handoff'),
  /** The notification profile that holds the URL. Default: the one the subscription has, else the subscription's id. */
  profileId: id.optional(),
});

export const settings = z
  .strictObject({
    kind: z.literal('infobip'),
    baseUrl: baseUrlSetting(),
    apiKey: z.string().min(1).optional(),
    username: z.string().min(1).optional(),
    password: z.string().min(1).optional(),
    webhook,
    /** The tag a conversation gets once it has a case; null for none. Infobip allows letters, digits, `.` and `_`. */
    linkTag: z
      .string()
      .regex(/^[A-Za-z0-9._]{1,100}$/, 'invalid tag; use 1 to 100 letters, digits, . and _')
      .nullable()
      .default('durable_handoff'),
    /** For all calls to the Infobip account. */
    rateLimit: rateLimitSetting(RATE_LIMIT),
    /** Infobip's own, narrower limit for reading messages. */
    messageReadLimit: rateLimitSetting(MESSAGE_READ_LIMIT),
    /** The only paths of the API from which end users' files are fetched; `*` stands for one part of a path. */
    filePaths: z.array(z.string().regex(/^(\/[^/?#]+)+$/, 'invalid path; write it like /files/*')).default(FILE_PATHS),
  })
  .superRefine(
    ({ apiKey, username, password }, ctx) => {
      const complain = (path: string, message: string) => ctx.addIssue({ code: 'custom', path: [path], message });
      const basic = username !== undefined || password !== undefined;
      if (apiKey === undefined && !basic) complain('apiKey', 'is missing; set an apiKey, or username and password');
      if (apiKey !== undefined && basic)
        complain('apiKey', 'is set together with username and password; remove one of the two');
      if (basic && username === undefined) complain('username', 'is missing; a password needs a username');
      if (basic && password === undefined) complain('password', 'is missing; a username needs a password');
    },
    // Also where other settings are wrong: all mistakes are reported at once.
    { when: () => true },
  );

export type InfobipSettings = z.output<typeof settings>;
