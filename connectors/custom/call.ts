import type { ResponseType } from 'axios';
import { z } from 'zod';
import { isFinalFailure } from '../../domain/failures';
import { VendorError, type VendorErrorKind } from '../shared/errors';
import { createHttp } from '../shared/http';
import { signCall } from './signature';

export interface CallOptions {
  baseUrl: string;
  /** The first is current; a call is signed with each. */
  secrets: string[];
  timeoutMs: number;
}

export interface Answer {
  data: unknown;
  headers: Record<string, unknown>;
}

/** Asks the desk once. `path` is what follows the base URL, encoded. */
export interface Desk {
  get(operation: string, path: string, responseType?: ResponseType): Promise<Answer>;
  post(operation: string, path: string, body: unknown): Promise<Answer>;
}

/** The desk's API with each call signed. */
export function createDeskClient({ baseUrl, secrets, timeoutMs }: CallOptions): Desk {
  const http = createHttp({ vendor: 'The desk', baseUrl, timeoutMs, explain });
  const headersFor = (method: string, path: string, body: string) => ({
    ...signCall(secrets, method, path, body),
    ...(body && { 'Content-Type': 'application/json' }),
  });
  return {
    get: (operation, url, responseType) =>
      http.request(operation, { method: 'GET', url, responseType, headers: headersFor('GET', url, '') }),
    post(operation, url, body) {
      const json = JSON.stringify(body);
      // As bytes, so that nothing between here and the wire writes it anew.
      const config = { method: 'POST', url, data: Buffer.from(json), headers: headersFor('POST', url, json) };
      return http.request(operation, config);
    },
  };
}

/** An answer in the contract's shape. A success that does not say what it has to may or may not be one. */
export function readAnswer<T>(operation: string, schema: z.ZodType<T>, { data }: Answer): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const mistakes = mistakesIn(result.error);
  throw new VendorError('ambiguous', `The desk: ${operation} was answered against the contract (${mistakes})`);
}

/** What breaks the contract and where: paths and rules, none of the values. */
export function mistakesIn({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
}

const problem = z.object({
  code: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  title: z.string().optional().catch(undefined),
});

/** `code` says in one word how a refusal is meant; it counts more than the status, but only where it is final. */
function explain(status: number, body: unknown): { kind?: VendorErrorKind; text?: string } {
  const { code, detail, title } = problem.safeParse(body).data ?? {};
  const refused = status >= 400 && status < 500 && status !== 401 && status !== 429;
  return { kind: refused && isFinalFailure(code) ? code : undefined, text: detail ?? title ?? code };
}
