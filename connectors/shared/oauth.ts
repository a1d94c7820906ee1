import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { withoutCallContext } from './call-context';
import { VendorError, type VendorErrorKind } from './errors';
import { createHttp, withoutEffect, type Http } from './http';

/** Access tokens of one credential, for all calls of a connection. */
export interface TokenSource {
  /** The current token, or a new one where it expires soon. Callers at the same time share one request. */
  get(): Promise<string>;
  /** A token other than this one, which the vendor has just refused. */
  renew(refused: string): Promise<string>;
}

export interface TokenRequest {
  /** Who issues the tokens, for error messages. */
  issuer: string;
  tokenUrl: string;
  /** The form that asks for a token (RFC 6749): a client's credentials, or a fresh assertion. Never quoted in errors. */
  form: (now: number) => Record<string, string> | Promise<Record<string, string>>;
}

interface Token {
  value: string;
  expiresAt: number;
}

/** A token is replaced this long before it expires, so that none expires on its way. */
const MARGIN_MS = 60_000;
const TIMEOUT_MS = 10_000;

const answerSchema = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().default(3600) });
const refusalSchema = z.object({ error: z.string(), error_description: z.string().optional() });

export function createTokenSource(request: TokenRequest, now: () => number = Date.now): TokenSource {
  let current: Token | undefined;
  let pending: Promise<Token> | undefined;

  async function get(): Promise<string> {
    if (current && now() < current.expiresAt - MARGIN_MS) return current.value;
    // Outside the caller's context: a caller that is cut short must not take the token from all who wait with it.
    pending ??= withoutCallContext(() => fetchToken(request, now())).finally(() => (pending = undefined));
    current = await pending;
    return current.value;
  }

  return {
    get,
    renew(refused) {
      if (current?.value === refused) current = undefined;
      return get();
    },
  };
}

/** The same client with a bearer token on every request, which is renewed once where the vendor answers 401. */
export function withTokens(http: Http, tokens: TokenSource): Http {
  return {
    async request<T>(operation: string, config: Parameters<Http['request']>[1]) {
      const ask = (token: string) =>
        http.request<T>(operation, { ...config, headers: { ...config.headers, Authorization: `Bearer ${token}` } });
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

/** The form of a service account (RFC 7523): an assertion, signed with its key and valid for an hour. */
export async function serviceAccountForm(
  account: { clientEmail: string; privateKey: string; tokenUri: string },
  scope: string,
  now: number,
): Promise<Record<string, string>> {
  const issuedAt = Math.floor(now / 1000);
  const assertion = await new SignJWT({ scope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(account.clientEmail)
    .setAudience(account.tokenUri)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + 3600)
    .sign(createPrivateKey(account.privateKey));
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
}

async function fetchToken({ issuer, tokenUrl, form }: TokenRequest, now: number): Promise<Token> {
  const fields = await form(now);
  const http = createHttp({
    vendor: issuer,
    baseUrl: '',
    timeoutMs: TIMEOUT_MS,
    explain: (status, body) => explain(status, body, fields),
  });
  const config = { method: 'POST', url: tokenUrl, data: new URLSearchParams(fields) };
  const { data } = await http.request('token', config).catch((error: unknown) => {
    // A call whose token never came has had no effect.
    throw error instanceof VendorError ? withoutEffect(error) : error;
  });
  const answer = answerSchema.safeParse(data);
  if (!answer.success) throw new VendorError('unavailable', `${issuer}: token answered in an unknown shape`);
  return { value: answer.data.access_token, expiresAt: now + answer.data.expires_in * 1000 };
}

/**
 * Refused credentials come as 400 or 401 (RFC 6749, 5.2) and may be corrected, so they are never final. Anything else
 * comes from the way there, and says nothing of the call that needs the token.
 */
function explain(status: number, body: unknown, fields: Record<string, string>) {
  const kind = (refused: boolean): VendorErrorKind =>
    status === 429 ? 'rate-limited' : refused && status < 500 ? 'unauthorized' : 'unavailable';
  const refusal = refusalSchema.safeParse(body);
  if (!refusal.success) return { kind: kind(status === 401) };
  const said = [refusal.data.error, refusal.data.error_description].filter(Boolean).join(': ');
  const text = Object.values(fields).reduce((shown, secret) => (secret ? shown.replaceAll(secret, '…') : shown), said);
  return { kind: kind(true), text };
}
