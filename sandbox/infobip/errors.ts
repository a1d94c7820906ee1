import type { ErrorRequestHandler, RequestHandler } from 'express';

/** A refusal in Infobip's own envelope. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly messageId: string,
    text: string,
    readonly details: { validationErrors?: Record<string, string[]>; retryAfterSeconds?: number } = {},
  ) {
    super(text);
  }

  get body() {
    const { validationErrors } = this.details;
    const text = this.message;
    return { requestError: { serviceException: { messageId: this.messageId, text, validationErrors } } };
  }
}

export const badRequest = (text: string) => new ApiError(400, 'BAD_REQUEST', text);
export const invalidBody = () => badRequest('Invalid request body.');
export const invalidFields = (validationErrors: Record<string, string[]>) =>
  new ApiError(400, 'BAD_REQUEST', 'Bad request', { validationErrors });
export const closedConversation = () => badRequest('Closed conversation cannot be changed');
export const unauthorized = () => new ApiError(401, 'UNAUTHORIZED', 'Unauthorized');
export const notFound = () => new ApiError(404, 'NOT_FOUND', 'Not found');

/** Documented as status 400 with NOT_FOUND on the conversations' operations, where 404 is declared as well. */
export const unknownId = (status: number, id: string) =>
  new ApiError(status, 'NOT_FOUND', `Invalid id '${id}' given! No such entity exists.`);
export const unknownTag = (status: number, name: string) =>
  new ApiError(status, 'NOT_FOUND', `Invalid tagName '${name}' given! No such entity exists.`);

export const tooManyRequests = (retryAfterSeconds?: number) =>
  new ApiError(429, 'TOO_MANY_REQUESTS', 'Too many requests', { retryAfterSeconds });

/** An operation that does not exist. */
export const noSuchOperation: RequestHandler = () => {
  throw notFound();
};

export const sendError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  const known = asApiError(error);
  const { retryAfterSeconds } = known.details;
  if (retryAfterSeconds !== undefined) res.set('Retry-After', String(retryAfterSeconds));
  res.status(known.status).json(known.body);
};

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  // What the body parser throws has a status of its own.
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === 'number' && status < 500) return invalidBody();
  return new ApiError(500, 'GENERAL_ERROR', 'Something went wrong. Please contact support.');
}
