import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { sendProblem } from './problem';

/**
 * What goes wrong with the next calls of a simulator's API. Without any effect: `401`, `404`, `429`, `500` and `503` in
 * the API's own words; `proxy-404` and `proxy-502`, a proxy's page before the API; `failed-200`, a success by its status
 * and a failure by its body; `reset`, a broken connection; `hang`, no answer until the faults are cleared.
 * `timeout-after-effect` breaks the connection instead of an answer, after the call has taken effect; `slow` lets the
 * call in after `delayMs`, and `slow-answer` lets only the answer out so late.
 */
export const apiFaultSchema = z.strictObject({
  /** A regular expression over `METHOD path`, such as `POST /cases$` or `/cases/4711`; every call where there is none. */
  match: z.string().refine(isRegularExpression, 'is not a regular expression').optional(),
  answer: z.union([
    z.literal([401, 404, 429, 500, 503]),
    z.enum([
      ...['timeout-after-effect', 'slow', 'slow-answer', 'hang', 'reset', 'proxy-404', 'proxy-502', 'failed-200'],
    ] as const),
  ]),
  /** Seconds, as the header `Retry-After` of a 429 or 503. */
  retryAfter: z.number().min(0).optional(),
  delayMs: z.int().min(0).max(600_000).default(3_000),
  /** How many calls it hits. */
  times: z.union([z.int().min(1), z.literal('always')]).default(1),
});
export type ApiFault = z.output<typeof apiFaultSchema>;

/**
 * What goes wrong with a simulator's webhooks until it is set otherwise. `late` waits `delayMs` before each;
 * `out-of-order` lets the next one overtake, or sends it alone where none comes within `delayMs`.
 */
export const webhookFaultSchema = z.strictObject({
  delivery: z.enum(['normal', 'late', 'twice', 'out-of-order', 'never']),
  delayMs: z.int().min(0).max(600_000).default(3_000),
});
export type WebhookFault = z.output<typeof webhookFaultSchema>;

/** The body of `POST /sandbox/faults`: what is named replaces what was set, what is not stays. */
export const faultsSchema = z.strictObject({
  webhooks: webhookFaultSchema.optional(),
  api: z.strictObject({ next: z.array(apiFaultSchema) }).optional(),
});

const NO_WEBHOOK_FAULT: WebhookFault = { delivery: 'normal', delayMs: 0 };

/** A call as it came in. */
export interface FaultableCall {
  method: string;
  path: string;
  /** With the query. */
  url?: string;
  /** As far as it has been read by then. */
  body?: unknown;
}

/** Faults that a program decides on, call by call and webhook by webhook, in addition to those that were set. */
export interface FaultPlan {
  /** The fault of this call; undefined for none. */
  api?(call: FaultableCall): ApiFault | undefined;
  /** The fault of the next webhook about this conversation or case; undefined for what was set. */
  webhook?(about: string): WebhookFault | undefined;
}

/** The faults of one simulator that are still to come. */
export class Faults {
  plan: FaultPlan = {};
  webhooks: WebhookFault = NO_WEBHOOK_FAULT;
  private next: ApiFault[] = [];
  /** Calls that wait for an answer that never comes. */
  readonly hanging = new Set<Response>();

  set({ webhooks, api }: z.output<typeof faultsSchema>): void {
    if (webhooks) this.webhooks = webhooks;
    if (api) this.next = api.next.map((fault) => ({ ...fault }));
  }

  clear(): void {
    this.webhooks = NO_WEBHOOK_FAULT;
    this.next = [];
    for (const res of this.hanging) res.destroy();
  }

  /** Keeps a call without an answer until the faults are cleared or its caller hangs up. */
  hang(res: Response): void {
    this.hanging.add(res);
    res.once('close', () => this.hanging.delete(res));
  }

  /** What happens to the next webhook about this conversation or case. */
  webhookFor(about: string): WebhookFault {
    return this.plan.webhook?.(about) ?? this.webhooks;
  }

  /** The first fault that hits this call, with one of its times used up. */
  take(call: FaultableCall): ApiFault | undefined {
    const planned = this.plan.api?.(call);
    if (planned) return planned;
    const { method, path } = call;
    const hit = this.next.find(({ match }) => match === undefined || new RegExp(match).test(`${method} ${path}`));
    if (hit && hit.times !== 'always' && --hit.times === 0) this.next.splice(this.next.indexOf(hit), 1);
    return hit;
  }
}

/** Put before an API's own routes, not before the sandbox's controls. */
export function faultsMiddleware(faults: Faults): RequestHandler {
  return (req, res, next) => {
    const fault = faults.take(req);
    if (fault) misbehave({ faults, fault, req, res, next });
    else next();
  };
}

interface Call {
  faults: Faults;
  fault: ApiFault;
  req: Request;
  res: Response;
  next: NextFunction;
}

function misbehave({ faults, fault, req, res, next }: Call): void {
  switch (fault.answer) {
    case 'slow':
      setTimeout(next, fault.delayMs);
      return;
    case 'timeout-after-effect':
      res.end = (() => {
        req.socket.destroy();
        return res;
      }) as typeof res.end;
      next();
      return;
    case 'slow-answer':
      endLater(res, fault.delayMs);
      next();
      return;
    case 'reset':
      req.socket.destroy();
      return;
    case 'proxy-502':
      res.status(502).type('html').send('<html><body><h1>502 Bad Gateway</h1><hr>proxy</body></html>');
      return;
    case 'proxy-404':
      res.status(404).type('html').send('<html><body><h1>404 Not Found</h1><hr>proxy</body></html>');
      return;
    case 'failed-200':
      res.json({ error: { message: 'a fault that was asked for' } });
      return;
    case 'hang':
      faults.hang(res);
      return;
    default:
      if (fault.retryAfter !== undefined) res.set('Retry-After', String(fault.retryAfter));
      sendProblem(res, fault.answer, { detail: 'a fault that was asked for' });
  }
}

function endLater(res: Response, delayMs: number): void {
  const end = res.end.bind(res) as (...args: unknown[]) => Response;
  res.end = ((...args: unknown[]) => {
    setTimeout(() => end(...args), delayMs);
    return res;
  }) as typeof res.end;
}

export function isRegularExpression(source: string): boolean {
  try {
    new RegExp(source);
    return true;
  } catch {
    return false;
  }
}
