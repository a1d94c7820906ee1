import { STATUS_CODES } from 'node:http';
import type { Response } from 'express';
import type { z } from 'zod';

/** Answers with `application/problem+json` (RFC 9457). `code` is for programs. */
export function sendProblem(res: Response, status: number, problem: { detail?: string; code?: string } = {}): void {
  const body = { type: 'about:blank', title: STATUS_CODES[status], status, ...problem };
  res.status(status).type('application/problem+json').send(JSON.stringify(body));
}

/** Rejects an input with 400 and lists each mistake with its path. */
export function sendInvalid(res: Response, { issues }: z.ZodError): void {
  const detail = issues.map(({ path, message }) => `${path.join('.') || 'the body'}: ${message}`).join('; ');
  sendProblem(res, 400, { code: 'rejected', detail });
}
