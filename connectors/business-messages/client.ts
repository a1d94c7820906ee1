import { z } from 'zod';
import { VendorError, type VendorErrorKind } from '../shared/errors';
import { createHttp, type Http } from '../shared/http';
import type { BusinessMessagesSettings } from './settings';
import { createTokenSource } from './token';

/** The API with a service account's token, which is renewed once where it is refused. */
export function createClient({
  baseUrl,
  serviceAccount,
}: Pick<BusinessMessagesSettings, 'baseUrl' | 'serviceAccount'>): Http {
  const http = createHttp({ vendor: 'Business Messages', baseUrl, explain });
  const tokens = createTokenSource(serviceAccount);
  return {
    async request<T>(operation: string, config: Parameters<Http['request']>[1]) {
      const ask = (token: string) =>
        http.request<T>(operation, { ...config, headers: { Authorization: `Bearer ${token}` } });
      const token = await tokens.get();
      try {
        return await ask(token);
      } catch (error) {
        if (!(error instanceof VendorError) || error.details.status !== 401) throw error;
        return ask(await tokens.renew(token));
      }
    },
  };
}

/**
 * Creates something under an id of ours. That the id exists already means that an earlier attempt has got through.
 */
export async function createOnce(
  http: Http,
  operation: string,
  config: { url: string; data: unknown; params?: object },
) {
  try {
    await http.request(operation, { method: 'POST', ...config });
  } catch (error) {
    if (!(error instanceof VendorError) || error.details.status !== 409 || error.kind !== 'rejected') throw error;
  }
}

const envelope = z.object({
  error: z.object({ status: z.string().catch(''), message: z.string().catch('') }),
});

/** By the canonical codes of Google's APIs; a code that is not here means what its HTTP status means. */
const KINDS: Record<string, VendorErrorKind> = {
  INVALID_ARGUMENT: 'rejected',
  FAILED_PRECONDITION: 'unsupported', // the end user's client cannot show it
  PERMISSION_DENIED: 'not-found', // there is no such conversation, or it is another agent's
  NOT_FOUND: 'not-found',
  UNAUTHENTICATED: 'unauthorized',
  RESOURCE_EXHAUSTED: 'rate-limited',
  ABORTED: 'ambiguous', // shares its HTTP status with ALREADY_EXISTS
  UNAVAILABLE: 'unavailable',
};

function explain(_status: number, body: unknown): { kind?: VendorErrorKind; text?: string } {
  const { data } = envelope.safeParse(body);
  if (!data) return {};
  const { status, message } = data.error;
  return { kind: KINDS[status], text: [status, message].filter(Boolean).join(': ') };
}
