import { IntlMessageFormat } from 'intl-messageformat';
import { z } from 'zod';
import type { Connector } from '../connectors/connector';
import { contactCenterConnectors, platformConnectors } from '../connectors/registry';
import { baseUrlSetting } from '../connectors/shared/url-setting';
import { PLATFORM } from '../domain/ids';
import { PRIORITIES } from '../domain/routing';
import { TEXT_KEYS } from '../domain/texts';
import { duration, name, named, port } from './fields';

/** The settings file's schema: the whole of what a deployment may say. */

/**
 * What a key may do: start handoffs, read them, or close, transfer and retry. No scope includes another, so that the
 * bot's key can do no more than start.
 */
export const SCOPES = ['handoffs:write', 'handoffs:read', 'handoffs:manage'] as const;
export type Scope = (typeof SCOPES)[number];

const apiKey = z.strictObject({
  name,
  key: z
    .string()
    .min(12, 'too short; use at least 12 characters')
    // Anything else never arrives as it is in an Authorization header.
    .regex(/^[\x21-\x7e]*$/, 'invalid character; use printable ASCII characters without spaces'),
  scopes: z.array(z.enum(SCOPES)).min(1),
  /** The accounts it may be used for; all of them where it is not given. */
  accounts: z.array(z.string()).min(1).optional(),
});

/** What duplicates of each field lack, in words. */
const DIFFERENT = { name: 'name', key: 'value' } as const;

const apiKeys = z
  .array(apiKey)
  .min(1)
  .superRefine(
    (keys, ctx) => {
      for (const field of ['name', 'key'] as const) {
        const values = keys.map((key) => key[field]);
        values.forEach((value, i) => {
          const first = values.indexOf(value);
          if (first === i) return;
          ctx.addIssue({
            code: 'custom',
            path: [i, field],
            message: `is the same as keys[${first}].${field}; each key needs its own ${DIFFERENT[field]}`,
          });
        });
      }
    },
    { when: ({ value }) => z.array(z.object({ name: z.string(), key: z.string() })).safeParse(value).success },
  );

const api = z.strictObject({
  port: port.default(3000),
  /** The address to listen on. */
  host: z.string().min(1).default('0.0.0.0'),
  /** Where vendors reach the API from outside: the base of the webhooks' URLs. */
  publicUrl: baseUrlSetting().optional(),
  /** The Temporal UI, for the links in answers. */
  temporalUiUrl: baseUrlSetting().optional(),
  /** Requests that are handled at the same time; one more is answered with 503 at once. */
  maxInFlight: z.int().min(2).max(10_000).default(400),
  keys: apiKeys,
});

const limits = z.strictObject({
  /** The longest text of one message, in UTF-8 bytes. */
  maxTextBytes: z.int().min(1_024).max(131_072).default(65_536),
});

const worker = z.strictObject({
  /** How many worker processes run: each uses its part of the connections' rate limits. */
  processes: z.int().min(1).max(1_000).default(1),
});

const temporal = z.strictObject({
  address: z.string().min(1).default('127.0.0.1:7233'),
  namespace: z.string().min(1).default('default'),
  /** Several deployments in one namespace keep apart by it. */
  taskQueue: z.string().min(1).default('handoff'),
});

function oneOrSeveral({ input }: { input?: unknown }): string {
  const found = input === undefined ? 'is missing' : 'is not the name of a contact center, nor a list of names';
  return `${found}; write one such as desk, or several to try in turn, such as [desk, other]`;
}

const routingRule = z.strictObject({
  when: z
    .strictObject({
      tag: z.string(),
      language: z.string(),
      queue: z.string(),
      priority: z.enum(PRIORITIES),
      attributes: z.record(z.string(), z.string()),
    })
    .partial()
    .optional(),
  to: z.union([name, z.array(name).min(1)], { error: oneOrSeveral }),
  queue: z.string().optional(),
  language: z.string().optional(),
  priority: z.enum(PRIORITIES).optional(),
});

/** An ICU message; the agent's name is all it may ask for. */
const text = z
  .string()
  .refine(
    isFormattable,
    'invalid ICU message; use no parameter but {agent}, and put other braces and tags in single quotes',
  );

function isFormattable(template: string): boolean {
  try {
    new IntlMessageFormat(template, 'en').format({ agent: 'Ana' });
    return true;
  } catch {
    return false;
  }
}

const texts = z.strictObject({
  defaultLanguage: z.string().default('en'),
  languages: z.record(z.string(), z.partialRecord(z.enum(TEXT_KEYS), text.nullable())).default({}),
});

const timers = z.strictObject({
  openWithin: duration('1s').prefault('15m'),
  acceptWithin: duration('1s').nullable().prefault('2m'),
  deliverWithin: duration('1s').prefault('24h'),
  answerWithin: duration('1s').nullable().prefault('72h'),
  /** How long what vendors report is held back to be put in their order. */
  holdBack: duration('0ms', '5s').prefault('0ms'),
});

const watch = z.strictObject({
  /** How often a contact center that is polled is asked. */
  pollEvery: duration('100ms').prefault('2s'),
  /** How often each open conversation and case is checked for what a lost webhook never brought. */
  reconcileEvery: duration('1s').prefault('60s'),
  /** The part of the platform's rate limit that these checks may use. */
  reconcileShare: z.number().min(0.01).max(1).default(0.5),
});

const janitor = z.strictObject({
  /** How often it looks for what no running handoff looks after. */
  every: duration('10s').prefault('10m'),
  /** What it does with a marked conversation or case whose handoff Temporal does not know. */
  unknown: z.enum(['alert', 'close']).default('alert'),
});

type Kind = Pick<Connector<unknown>, 'kind' | 'formerKind' | 'settings'>;

const kinds = (connectors: Kind[]) => {
  const error = ({ input }: { input?: unknown }) => {
    const kind = (input as { kind?: unknown } | null | undefined)?.kind;
    const renamed = connectors.find(({ formerKind }) => formerKind !== undefined && formerKind === kind);
    return renamed && `kind: ${renamed.formerKind} was renamed; write kind: ${renamed.kind}`;
  };
  const union = z.discriminatedUnion('kind', connectors.map(({ settings }) => settings) as never, { error });
  return union as unknown as z.ZodType<{ kind: string }>;
};

/** As much of an account as its cross-check needs, which is done also where other settings are wrong. */
const routed = z.object({
  contactCenters: z.record(z.string(), z.unknown()),
  routing: z.array(z.object({ to: z.union([z.string(), z.array(z.string())]) })),
});

const account = z
  .strictObject({
    platform: kinds(platformConnectors),
    contactCenters: named(kinds(contactCenterConnectors), 'contact center', PLATFORM),
    routing: z.array(routingRule).min(1),
    texts: texts.prefault({}),
    timers: timers.prefault({}),
    watch: watch.prefault({}),
    janitor: janitor.prefault({}),
    endKeywords: z.array(z.string().trim().min(1)).default(['/end']),
  })
  .superRefine(
    ({ contactCenters, routing }, ctx) => {
      const known = Object.keys(contactCenters);
      routing.forEach(({ to }, i) => {
        const names = [to].flat();
        names.forEach((one, at) => {
          const path = ['routing', i, 'to', ...(Array.isArray(to) ? [at] : [])];
          const advice = known.length > 0 ? `write ${known.join(' or ')}` : 'add it to contactCenters';
          const missing = `there is no contact center '${one}'; ${advice}`;
          if (!known.includes(one)) ctx.addIssue({ code: 'custom', path, message: missing });
          else if (names.indexOf(one) < at) ctx.addIssue({ code: 'custom', path, message: `'${one}' is named twice` });
        });
      });
    },
    { when: ({ value }) => routed.safeParse(value).success },
  );

/** As much of the file as the accounts of keys need to be checked, also where other settings are wrong. */
const keyed = z.object({
  api: z.object({ keys: z.array(z.object({ accounts: z.array(z.string()).optional() })) }),
  accounts: z.record(z.string(), z.unknown()),
});

export const settingsSchema = z
  .strictObject({
    api,
    temporal: temporal.prefault({}),
    worker: worker.prefault({}),
    log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
    limits: limits.prefault({}),
    accounts: named(account, 'account'),
  })
  .superRefine(
    ({ api: { keys }, accounts }, ctx) => {
      const known = Object.keys(accounts);
      keys.forEach((key, i) =>
        key.accounts?.forEach((one, j) => {
          if (known.includes(one)) return;
          const message = `there is no account '${one}'; ${known.length > 0 ? `write ${known.join(' or ')}` : 'add it to accounts'}`;
          ctx.addIssue({ code: 'custom', path: ['api', 'keys', i, 'accounts', j], message });
        }),
      );
    },
    { when: ({ value }) => keyed.safeParse(value).success },
  );

export type Settings = z.output<typeof settingsSchema>;
export type AccountSettings = Settings['accounts'][string];
