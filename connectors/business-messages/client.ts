import { z } from 'zod';
import { isFinalFailure } from '../../domain/failures';
import { VendorError, type VendorErrorKind } from '../shared/errors';
import { createHttp, kindOfStatus, type Http } from '../shared/http';
import { createTokenSource, serviceAccountForm, withTokens } from '../shared/oauth';
import type { BusinessMessagesSettings } from './settings';

const SCOPE = 'https://www.googleapis.com/auth/businessmessages';

/** The API with a service account's token. */
export function createClient({
  baseUrl,
  serviceAccount,
  rateLimit,
}: Pick<BusinessMessagesSettings, 'baseUrl' | 'serviceAccount' | 'rateLimit'>): Http {
  const tokens = createTokenSource({
    issuer: 'Google OAuth',
    tokenUrl: serviceAccount.tokenUri,
    form: (now) => serviceAccountForm(serviceAccount, SCOPE, now),
  });
  // A second survey in a day is refused in the words of a call too many, which must not stop all other calls.
  const narrowerLimit = {
    limit: rateLimit,
    appliesTo: ({ url }: { url?: string }) => url?.endsWith('/surveys') === true,
  };
  return withTokens(createHttp({ vendor: 'Business Messages', baseUrl, rateLimit, narrowerLimit, explain }), tokens);
}

/**
 * Creates something under an id of ours. That the id exists already means that an earlier attempt has succeeded.
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

/** Whether the API says that something in the request is invalid. It does not say what. */
export function isInvalidArgument(error: unknown): boolean {
  return error instanceof VendorError && error.kind === 'rejected' && error.details.status === 400;
}

/** The canonical codes of Google's APIs, and what each means here. */
const KINDS: Record<string, VendorErrorKind> = {
  INVALID_ARGUMENT: 'rejected',
  OUT_OF_RANGE: 'rejected',
  ALREADY_EXISTS: 'rejected',
  FAILED_PRECONDITION: 'unsupported', // the end user's client cannot show it
  UNIMPLEMENTED: 'unsupported',
  PERMISSION_DENIED: 'not-found', // there is no such conversation, or it is another agent's
  NOT_FOUND: 'not-found',
  UNAUTHENTICATED: 'unauthorized',
  RESOURCE_EXHAUSTED: 'rate-limited',
  UNAVAILABLE: 'unavailable',
  ABORTED: 'ambiguous', // shares its HTTP status with ALREADY_EXISTS
  CANCELLED: 'ambiguous',
  DEADLINE_EXCEEDED: 'ambiguous',
  INTERNAL: 'ambiguous',
  UNKNOWN: 'ambiguous',
  DATA_LOSS: 'ambiguous',
};

const errorBody = z.object({
  error: z.object({
    status: z.string().refine((word) => Object.hasOwn(KINDS, word)),
    message: z.string().catch(''),
  }),
});

/** Only Google's own error body refuses anything for good: any other page comes from a proxy on the way. */
function explain(status: number, body: unknown): { kind: VendorErrorKind; text: string } {
  const { data } = errorBody.safeParse(body);
  if (data) return { kind: KINDS[data.error.status]!, text: `${data.error.status}: ${data.error.message}` };
  const kind = kindOfStatus(status);
  const passes = status !== 403 && !isFinalFailure(kind);
  return { kind: passes ? kind : 'unavailable', text: "not an error of Google's, probably a proxy's" };
}
