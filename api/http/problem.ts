import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { STATUS_CODES } from 'node:http';
import { type z } from 'zod';
import { dotted } from '../../settings/load';
import type { Logger } from '../../settings/logger';
import { VendorError, WebhookError } from '../../connectors/shared/errors';

/** What is wrong in a request's body or query, and where. */
export interface FieldError {
  path: string;
  message: string;
}

/** An error of the API's callers or of what the API depends on, as RFC 9457 has it. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly status: number,
    /** A sentence for people; it never holds a secret or a message's text. */
    readonly detail: string,
    /** `cause` goes to the log alone. */
    readonly more: { errors?: FieldError[]; headers?: Record<string, string>; cause?: unknown } = {},
  ) {
    super(detail, { cause: more.cause });
  }
}

/** How long callers are asked to wait when something the API needs does not answer. */
const RETRY_AFTER_MS = 5_000;

export function unavailable(
  detail: string,
  { retryAfterMs = RETRY_AFTER_MS, cause }: { retryAfterMs?: number; cause?: unknown } = {},
): Problem {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new Problem(503, detail, { headers: { 'Retry-After': String(seconds) }, cause });
}

/** Parses what a caller sent. Throws a 400 that names each mistake's place. */
export function parse<S extends z.ZodType>(schema: S, value: unknown, detail: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.map(({ path, message }) => ({ path: dotted(path), message }));
  throw new Problem(400, detail, { errors });
}

function sendProblem(res: Response, { status, detail, more }: Problem): void {
  res
    .status(status)
    .set(more.headers ?? {})
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail, errors: more.errors }));
}

export const notFound: RequestHandler = () => {
  throw new Problem(404, 'There is nothing at this address.');
};

/** The last handler: every error becomes a problem, and those that are our own fault are logged. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    const problem = toProblem(error);
    if (problem.status >= 500) {
      const { cause } = problem;
      const why = cause instanceof Error ? (problem.status === 500 ? cause.stack : cause.message) : undefined;
      logger.error({ requestId: res.locals.requestId as string, status: problem.status, why }, problem.message);
    }
    if (res.headersSent) next(error);
    else sendProblem(res, problem);
  };
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof WebhookError) return new Problem(error.reason === 'unauthorized' ? 401 : 400, error.message);
  if (error instanceof VendorError) {
    return unavailable(`The vendor could not be asked (${error.message}).`, error.details);
  }
  if (error instanceof URIError) return new Problem(404, 'The address is not well encoded.');
  return (
    bodyProblem(error) ?? new Problem(500, 'Something went wrong on our side; the log says what.', { cause: error })
  );
}

/** What express's body parsers throw: an error with a `type` and a status, whose message may quote the body. */
function bodyProblem(error: unknown): Problem | undefined {
  const { type, status } = error as { type?: string; status?: number };
  if (type === 'entity.parse.failed') return new Problem(400, 'The body is not valid JSON.');
  if (type === 'entity.too.large') return new Problem(413, 'The body is larger than 1 MB.');
  if (status === 415) return new Problem(415, 'The body is in an encoding or character set that is not supported.');
  return status !== undefined && status >= 400 && status < 500
    ? new Problem(status, 'The request could not be read.')
    : undefined;
}
