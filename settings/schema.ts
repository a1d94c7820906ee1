import { IntlMessageFormat } from 'intl-messageformat';
import ms, { type StringValue } from 'ms';
import { z } from 'zod';
import type { Connector } from '../connectors/connector';
import { contactCenterConnectors, platformConnectors } from '../connectors/registry';
import { PLATFORM } from '../domain/ids';
import { PRIORITIES } from '../domain/routing';
import { TEXT_KEYS } from '../domain/texts';

/** The settings file's schema: the whole of what a deployment may say. */

const name = z.string().regex(/^[A-Za-z0-9_-]{1,40}$/, 'use 1 to 40 letters, digits, - and _');

/** `15m`, `24h`, `2 days`: a length of time, in milliseconds once parsed. A bare number could mean anything. */
const duration = z.string().transform((text, ctx) => {
  const value = /[a-z]$/i.test(text) ? (ms(text as StringValue) as number | undefined) : undefined;
  if (value !== undefined && value > 0) return value;
  ctx.addIssue({ code: 'custom', message: `'${text}' is no length of time; write it like 30s, 15m, 24h or 3d` });
  return z.NEVER;
});

export const SCOPES = ['handoffs:write', 'handoffs:read'] as const;
export type Scope = (typeof SCOPES)[number];

const apiKey = z.strictObject({
  name,
  key: z.string().min(8, 'a key has at least 8 characters'),
  scopes: z.array(z.enum(SCOPES)).min(1),
});

const api = z.strictObject({
  /** A number, also one that comes from the environment. */
  port: z.coerce.number().int().min(0).max(65535).default(3000),
  /** The address to listen on. */
  host: z.string().default('0.0.0.0'),
  /** Where vendors reach the API from outside: the base of the webhooks' URLs. */
  publicUrl: z.url().optional(),
  /** The Temporal UI, for the links in answers. */
  temporalUiUrl: z.url().optional(),
  keys: z.array(apiKey).min(1),
});

const temporal = z.strictObject({
  address: z.string().default('127.0.0.1:7233'),
  namespace: z.string().default('default'),
  /** Several deployments in one namespace keep apart by it. */
  taskQueue: z.string().min(1).default('handoff'),
});

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
  to: name,
  queue: z.string().optional(),
  language: z.string().optional(),
  priority: z.enum(PRIORITIES).optional(),
});

/** An ICU message; the agent's name is all it may ask for. */
const text = z.string().refine(isFormattable, 'this is no ICU message with at most the parameter {agent}');

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
  openWithin: duration.prefault('15m'),
  deliverWithin: duration.prefault('24h'),
  answerWithin: duration.nullable().prefault('72h'),
});

const watch = z.strictObject({
  /** How often a contact center that is polled is asked. */
  pollEvery: duration.prefault('2s'),
  /** How often each open conversation and case is checked for what a lost webhook never brought. */
  reconcileEvery: duration.prefault('60s'),
});

type Kind = Pick<Connector<unknown>, 'kind' | 'formerKind' | 'settings'>;

const kinds = (connectors: Kind[]) => {
  const error = ({ input }: { input?: unknown }) => {
    const kind = (input as { kind?: unknown } | null | undefined)?.kind;
    const renamed = connectors.find(({ formerKind }) => formerKind !== undefined && formerKind === kind);
    return renamed && `kind: ${renamed.formerKind} is now kind: ${renamed.kind}`;
  };
  const union = z.discriminatedUnion('kind', connectors.map(({ settings }) => settings) as never, { error });
  return union as unknown as z.ZodType<{ kind: string }>;
};

/** As much of an account as its cross-check needs, which is done also where other settings are wrong. */
const routed = z.object({
  contactCenters: z.record(z.string(), z.unknown()),
  routing: z.array(z.object({ to: z.string() })),
});

const account = z
  .strictObject({
    platform: kinds(platformConnectors),
    contactCenters: z
      .record(
        name.refine((key) => key !== PLATFORM, `'${PLATFORM}' is the platform's own name`),
        kinds(contactCenterConnectors),
      )
      .refine((all) => Object.keys(all).length > 0, 'name at least one'),
    routing: z.array(routingRule).min(1),
    texts: texts.prefault({}),
    timers: timers.prefault({}),
    watch: watch.prefault({}),
    endKeywords: z.array(z.string().trim().min(1)).default(['/end']),
  })
  .superRefine(
    ({ contactCenters, routing }, ctx) => {
      const known = Object.keys(contactCenters);
      routing.forEach(({ to }, i) => {
        if (known.includes(to)) return;
        const message = `there is no contact center '${to}'; known: ${known.join(', ') || 'none'}`;
        ctx.addIssue({ code: 'custom', path: ['routing', i, 'to'], message });
      });
    },
    { when: ({ value }) => routed.safeParse(value).success },
  );

export const settingsSchema = z.strictObject({
  api,
  temporal: temporal.prefault({}),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
  accounts: z.record(name, account).refine((accounts) => Object.keys(accounts).length > 0, 'name at least one account'),
});

export type Settings = z.output<typeof settingsSchema>;
export type AccountSettings = Settings['accounts'][string];
