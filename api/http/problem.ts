import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { STATUS_CODES } from 'node:http';
import { type z } from 'zod';
import { dotted } from '../../settings/load';
import type { Logger } from '../../settings/logger';
import { VendorError, WebhookError } from '../../connectors/shared/errors';
import { BODY_LIMIT_BYTES } from './limits';
import { logFields, type LogFields } from './observe';
import { requestIdOf } from './request-id';

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

/** How long callers are asked to wait when something the API depends on does not answer. */
const RETRY_AFTER_MS = 5_000;

export function unavailable(
  detail: string,
  { retryAfterMs = RETRY_AFTER_MS, cause }: { retryAfterMs?: number; cause?: unknown } = {},
): Problem {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return new Problem(503, detail, { headers: { 'Retry-After': String(seconds) }, cause });
}

export function tooLarge(): Problem {
  return new Problem(413, `The body is larger than ${BODY_LIMIT_BYTES / 2 ** 20} MiB.`);
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
    .set({ ...more.headers, 'X-Request-Id': requestIdOf(res.req) })
    .type('application/problem+json')
    .send(JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, detail, errors: more.errors }));
}

export const notFound: RequestHandler = () => {
  throw new Problem(404, 'No such route.');
};

/** The last handler: every error becomes a problem, and the request's log line says why. */
export function problemHandler(logger: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const problem = toProblem(error);
    const why = reasonFields(problem);
    logFields(res, why);
    // Its line has been written already, as that of a caller who went away.
    if (res.closed && problem.cause !== undefined) {
      logger.error({ requestId: requestIdOf(req), ...why }, 'request failed after its caller had gone');
    }
    if (res.headersSent) next(error);
    else sendProblem(res, problem);
  };
}

function reasonFields({ status, message: reason, cause }: Problem): LogFields {
  if (!(cause instanceof Error)) return { reason };
  return { reason, cause: cause.message, ...(status === 500 && { stack: cause.stack }) };
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof WebhookError) return new Problem(error.reason === 'unauthorized' ? 401 : 400, error.message);
  if (error instanceof VendorError) {
    const { retryAfterMs } = error.details;
    return unavailable(`A vendor did not answer as expected (${error.message}).`, { retryAfterMs, cause: error });
  }
  if (error instanceof URIError) return new Problem(404, 'The URL is not correctly encoded.');
  return (
    bodyProblem(error) ??
    new Problem(500, 'Internal error. The log shows the cause under this request id.', { cause: error })
  );
}

/** What express's body parsers throw: an error with a `type` and a status, whose message may quote the body. */
function bodyProblem(error: unknown): Problem | undefined {
  const { type, status } = error as { type?: string; status?: number };
  if (type === 'entity.parse.failed') return new Problem(400, 'The body is not valid JSON.');
  if (type === 'entity.too.large') return tooLarge();
  if (status === 415) return new Problem(415, 'The body is in an encoding or character set that is not supported.');
  return status !== undefined && status >= 400 && status < 500
    ? new Problem(status, 'The request could not be read.')
    : undefined;
}
