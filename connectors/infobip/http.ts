import type { AxiosRequestConfig } from 'axios';
import { z } from 'zod';
import { VendorError, type VendorErrorKind } from '../shared/errors';
import { createHttp, type Http } from '../shared/http';
import { readAnswer } from '../shared/parse';
import type { RateLimit } from '../shared/rate-limit';
import type { InfobipSettings } from './settings';

/** @param limits for all calls, and the narrower one for reading messages. */
export function createInfobipHttp(settings: InfobipSettings, limits: { all: RateLimit; reads: RateLimit }): Http {
  const { baseUrl, apiKey, username, password } = settings;
  return createHttp({
    vendor: 'Infobip',
    baseUrl,
    headers: { Accept: 'application/json', ...(apiKey === undefined ? {} : { Authorization: `App ${apiKey}` }) },
    auth: username === undefined || password === undefined ? undefined : { username, password },
    explain,
    rateLimit: limits.all,
    narrowerLimit: {
      limit: limits.reads,
      appliesTo: ({ method, url }) => method === undefined && url?.endsWith('/messages') === true,
    },
  });
}

/** One call whose answer is checked. */
export async function ask<S extends z.ZodType>(
  http: Http,
  operation: string,
  config: AxiosRequestConfig,
  answer: S,
): Promise<z.output<S>> {
  const { data } = await http.request(operation, config);
  return readAnswer('Infobip', operation, answer, data);
}

export type QueryParameters = Record<string, string | number | string[] | undefined>;

/** Query parameters as Infobip reads them: a list as the same name again and again, a `+` always encoded. */
export function query(parameters: QueryParameters): URLSearchParams {
  const pairs = Object.entries(parameters).flatMap(([name, value]) =>
    [value ?? []].flat().map((item): [string, string] => [name, String(item)]),
  );
  return new URLSearchParams(pairs);
}

const requestError = z.object({
  requestError: z.object({
    serviceException: z.object({
      messageId: z.string().catch(''),
      text: z.string().catch(''),
      validationErrors: z.record(z.string(), z.array(z.string())).optional().catch(undefined),
    }),
  }),
});

/** What the specification declares for 400 while all its examples are the `requestError` envelope. */
const statusCodeResponse = z.object({ statusCode: z.string().catch(''), message: z.string().catch('') });

/** Infobip's error bodies in words. Unknown ids come with 400 as well as 404: `messageId` decides. */
export function explain(status: number, body: unknown): { kind?: VendorErrorKind; text?: string } {
  const envelope = requestError.safeParse(body);
  if (envelope.success) {
    const { messageId, text, validationErrors = {} } = envelope.data.requestError.serviceException;
    const details = Object.entries(validationErrors).map(([field, errors]) => `${field} ${errors.join(', ')}`);
    const words = [messageId, text, ...details].filter(Boolean).join('; ');
    return { kind: kindOf(messageId, text, details), text: words };
  }
  // Gateways in between answer in shapes like this one too, so it never says that something does not exist.
  const plain = statusCodeResponse.safeParse(body);
  if (!plain.success) return { kind: notOurs(status), text: status === 404 ? 'not an answer of the API' : undefined };
  const { statusCode, message } = plain.data;
  const words = [statusCode, message].filter(Boolean).join('; ');
  return { kind: notOurs(status) ?? kindOf('', message), text: words };
}

/** Only Infobip can say that a conversation does not exist. A proxy's own 404 says nothing about it. */
function notOurs(status: number): VendorErrorKind | undefined {
  return status === 404 || status === 410 ? 'unavailable' : undefined;
}

function kindOf(messageId: string, text: string, details: string[] = []): VendorErrorKind | undefined {
  // First, since its text quotes the id, which may say anything. Where an agent or a tag does not exist, the
  // conversation may well do.
  if (messageId === 'NOT_FOUND') return /^invalid (agent id|tagName) /i.test(text) ? 'rejected' : 'not-found';
  if (/closed conversation cannot be changed/i.test(text)) return 'conversation-closed';
  if (details.some((detail) => /size cannot be longer/i.test(detail))) return 'too-large';
  if (messageId === 'TOO_MANY_REQUESTS') return 'rate-limited';
  if (messageId === 'UNAUTHORIZED') return 'unauthorized';
  return undefined;
}

/** What `attempt` answers, or `otherwise` where the vendor refuses in this way. */
export async function unless<T, U>(kind: VendorErrorKind, otherwise: U, attempt: () => Promise<T>): Promise<T | U> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof VendorError && error.kind === kind) return otherwise;
    throw error;
  }
}
