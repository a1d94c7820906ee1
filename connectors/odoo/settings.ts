import { z } from 'zod';
import { rateLimitSetting } from '../shared/rate-limit';
import { baseUrlSetting } from '../shared/url-setting';

/** A ticket's stars: none to three. */
const stars = (preset: number) => z.int().min(0).max(3).default(preset);

export const settings = z.strictObject({
  kind: z.literal('odoo'),
  /** Where Odoo's web pages are. */
  baseUrl: baseUrlSetting(),
  /** An API key of the service's own user: what this user writes is not an agent's answer. */
  apiKey: z.string().min(1),
  /** Only where one server has several databases. */
  database: z.string().min(1).optional(),
  /** The name of the helpdesk team of cases that no rule sends to another one. */
  team: z.string().min(1).optional(),
  /** The stage the service closes a ticket with; without it, the first that counts as closed. */
  closedStage: z.string().min(1).optional(),
  priorities: z.strictObject({ LOW: stars(0), NORMAL: stars(1), HIGH: stars(2), URGENT: stars(3) }).prefault({}),
  /** Assumed: Odoo has no limit of its own. A proxy before it may, and answers 429 then. */
  rateLimit: rateLimitSetting({ perSecond: 20, burst: 40 }),
  timeoutMs: z.int().min(100).max(60_000).default(20_000),
});

export type OdooSettings = z.output<typeof settings>;
