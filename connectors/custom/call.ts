import { z } from 'zod';
import type { FinalFailure } from '../../domain/failures';
import { VendorError, type VendorErrorKind } from '../shared/errors';
import { openFile, readWhole, type FileStream } from '../shared/files';
import { createHttp } from '../shared/http';
import { readAnswer } from '../shared/parse';
import type { RateLimit } from '../shared/rate-limit';
import { StreamedJson } from '../shared/streamed-json';
import { signCall } from './signature';

const VENDOR = 'The desk';

export interface CallOptions {
  baseUrl: string;
  /** The first is current; a call is signed with each. */
  secrets: string[];
  timeoutMs: number;
  rateLimit: RateLimit;
}

/** Asks the desk once. `operation` is for error messages; `path` is what follows the base URL, encoded. */
export interface Desk {
  get<S extends z.ZodType>(operation: string, path: string, schema: S): Promise<z.output<S>>;
  /** Undefined where the answer is larger; it is not read to its end. */
  getAtMost<S extends z.ZodType>(
    maxBytes: number,
    operation: string,
    path: string,
    schema: S,
  ): Promise<z.output<S> | undefined>;
  post<S extends z.ZodType>(operation: string, path: string, body: unknown, schema: S): Promise<z.output<S>>;
  open(operation: string, path: string, name: string): Promise<FileStream>;
}

/** The answer to a call that needs none: anything else may be a page of a proxy, and the call may never have arrived. */
export const done = z.custom<unknown>(
  (data) => data === '' || (typeof data === 'object' && data !== null),
  'is not empty; answer 204',
);

/** The desk's API with each call signed. */
export function createDeskClient({ baseUrl, secrets, timeoutMs, rateLimit }: CallOptions): Desk {
  const http = createHttp({ vendor: VENDOR, baseUrl, timeoutMs, rateLimit, explain });

  const open: Desk['open'] = async (operation, url, name) => {
    return openFile(http, operation, name, { method: 'GET', url, headers: await signCall(secrets, 'GET', url) });
  };

  return {
    open,
    async get(operation, url, schema) {
      const headers = await signCall(secrets, 'GET', url);
      const { data } = await http.request(operation, { method: 'GET', url, headers });
      return readSuccess(operation, schema, data);
    },
    async getAtMost(maxBytes, operation, url, schema) {
      const file = await open(operation, url, operation);
      try {
        const { bytes } = await readWhole(`${VENDOR}: ${operation}`, file, { maxBytes, timeoutMs });
        return readSuccess(operation, schema, parsed(bytes));
      } catch (error) {
        if (error instanceof VendorError && error.kind === 'too-large') return undefined;
        throw error;
      }
    },
    async post(operation, url, body, schema) {
      // What is sent is what was signed, byte by byte.
      const data = body instanceof StreamedJson ? body : Buffer.from(JSON.stringify(body));
      const signed = await signCall(secrets, 'POST', url, data instanceof StreamedJson ? data.open() : [data]);
      const headers = { ...signed, 'Content-Type': 'application/json' };
      const answer = await http.request(operation, { method: 'POST', url, data, headers });
      return readSuccess(operation, schema, answer.data);
    },
  };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return bytes.toString('utf8');
  }
}

function readSuccess<S extends z.ZodType>(operation: string, schema: S, data: unknown): z.output<S> {
  if (!saysFailure(data)) return readAnswer(VENDOR, operation, schema, data);
  throw new VendorError(
    'ambiguous',
    `${VENDOR}: ${operation} answered with a success status and a failure as its body`,
  );
}

/** How desks and gateways say in a body that a call has failed, whatever the status is. */
function saysFailure(data: unknown): boolean {
  if (typeof data !== 'object' || data === null) return false;
  const { error, errors, success, ok, status } = data as Record<string, unknown>;
  const failed = Boolean(error) || (Array.isArray(errors) && errors.length > 0);
  return failed || success === false || ok === false || (typeof status === 'number' && status >= 400);
}

/** The words by which a refusal is final, as the contract has them. */
const CODES: readonly string[] = [
  'rejected',
  'too-large',
  'unsupported',
  'not-found',
  'case-closed',
  'no-agents',
] satisfies FinalFailure[];

const problem = z.object({
  code: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
});

const FOREIGN = 'not an answer of the contract; check baseUrl and the proxies before the desk';

/**
 * What a refusal means. A final one needs the desk's own word, a problem in JSON: a proxy that does not reach the desk
 * answers 404 and other pages too. Only the size of a request may be refused by anyone on the way.
 */
function explain(status: number, body: unknown): { kind?: VendorErrorKind; text?: string } {
  const { code, detail, title } = problem.safeParse(body).data ?? {};
  const text = detail ?? title ?? code;
  if (status < 400 || status >= 500 || [401, 408, 413, 425, 429].includes(status)) return { text };
  if (code !== undefined && CODES.includes(code)) return { kind: code as FinalFailure, text };
  if (text === undefined) return { kind: status === 403 ? 'unauthorized' : 'unavailable', text: FOREIGN };
  return { kind: status === 404 || status === 410 ? 'unavailable' : undefined, text };
}
