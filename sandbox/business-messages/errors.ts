import type { ErrorRequestHandler, RequestHandler } from 'express';

/** The codes a Google API answers with, and the HTTP status of each. */
const STATUS = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  RESOURCE_EXHAUSTED: 429,
  INTERNAL: 500,
  UNAVAILABLE: 503,
} as const;

/** A refusal in Google's own envelope. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: keyof typeof STATUS,
    message: string,
    readonly retryAfterSeconds?: number,
  ) {
    super(message);
  }

  get code(): number {
    return STATUS[this.status];
  }
}

/** An operation that does not exist; reading is among them. */
export const noSuchOperation: RequestHandler = () => {
  throw new ApiError('NOT_FOUND', 'There is no such operation.');
};

export const sendError: ErrorRequestHandler = (error: unknown, _req, res, next) => {
  if (res.headersSent) return next(error);
  const { status, code, message, retryAfterSeconds } = asApiError(error);
  if (retryAfterSeconds !== undefined) res.set('Retry-After', String(retryAfterSeconds));
  res.status(code).json({ error: { code, message, status } });
};

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  // What the body parser throws has a status of its own.
  const { status } = error as { status?: number };
  const clients = status !== undefined && status < 500;
  return clients ? new ApiError('INVALID_ARGUMENT', 'Invalid JSON payload received.') : new ApiError('INTERNAL', '');
}
