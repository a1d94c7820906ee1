import { STATUS_CODES } from 'node:http';
import type { Response } from 'express';

/** Answers with `application/problem+json` (RFC 9457). `code` is a word machines decide by. */
export function sendProblem(res: Response, status: number, problem: { detail?: string; code?: string } = {}): void {
  const body = { type: 'about:blank', title: STATUS_CODES[status], status, ...problem };
  res.status(status).type('application/problem+json').send(JSON.stringify(body));
}
