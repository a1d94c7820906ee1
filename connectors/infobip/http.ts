import { Readable } from 'node:stream';
import type { AxiosRequestConfig } from 'axios';
import { z } from 'zod';
import { VendorError, type VendorErrorKind } from '../shared/errors';
import { createHttp, type Http } from '../shared/http';
import type { InfobipSettings } from './settings';

export function createInfobipHttp({ baseUrl, apiKey, username, password }: InfobipSettings): Http {
  return createHttp({
    vendor: 'Infobip',
    baseUrl,
    headers: { Accept: 'application/json', ...(apiKey === undefined ? {} : { Authorization: `App ${apiKey}` }) },
    auth: username === undefined || password === undefined ? undefined : { username, password },
    explain,
  });
}

/** One call whose answer is checked. An answer of another shape leaves open what happened, so it is `ambiguous`. */
export async function ask<S extends z.ZodType>(
  http: Http,
  operation: string,
  config: AxiosRequestConfig,
  answer: S,
): Promise<z.output<S>> {
  const { data } = await http.request(operation, config);
  const result = answer.safeParse(data);
  if (result.success) return result.data;
  const where = result.error.issues.map(({ path }) => path.join('.') || 'the whole').join(', ');
  throw new VendorError('ambiguous', `Infobip: ${operation} answered in an unknown shape (${where})`);
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
  // A file's host says what its status says.
  if (body instanceof Readable) return {};
  const envelope = requestError.safeParse(body);
  if (envelope.success) {
    const { messageId, text, validationErrors = {} } = envelope.data.requestError.serviceException;
    const details = Object.entries(validationErrors).map(([field, errors]) => `${field} ${errors.join(', ')}`);
    const words = [messageId, text, ...details].filter(Boolean).join('; ');
    return { kind: kindOf(messageId, words), text: words };
  }
  const plain = statusCodeResponse.safeParse(body);
  if (plain.success) {
    const { statusCode, message } = plain.data;
    const words = [statusCode, message].filter(Boolean).join('; ');
    return { kind: kindOf(statusCode, words) ?? notOurs(status), text: words };
  }
  return { kind: notOurs(status), text: status === 404 ? 'not an answer of the API' : undefined };
}

/** Only Infobip can say that a conversation does not exist. A proxy's own 404 says nothing about it. */
function notOurs(status: number): VendorErrorKind | undefined {
  return status === 404 ? 'unavailable' : undefined;
}

function kindOf(messageId: string, words: string): VendorErrorKind | undefined {
  if (/closed conversation cannot be changed/i.test(words)) return 'conversation-closed';
  if (/size cannot be longer/i.test(words)) return 'too-large';
  if (messageId === 'NOT_FOUND') return 'not-found';
  if (messageId === 'TOO_MANY_REQUESTS') return 'rate-limited';
  if (messageId === 'UNAUTHORIZED') return 'unauthorized';
  return undefined;
}
