import { createPrivateKey } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { VendorError } from '../shared/errors';
import { createHttp } from '../shared/http';
import type { ServiceAccount } from './settings';

const SCOPE = 'https://www.googleapis.com/auth/businessmessages';
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** A token is replaced before it ends, so that none ends on its way. */
const MARGIN_MS = 60_000;

const answer = z.object({ access_token: z.string().min(1), expires_in: z.number().default(3600) });
const refusal = z.object({ error: z.string(), error_description: z.string().optional() });

export interface TokenSource {
  /** The token at hand, or a new one where it ends soon. Callers at the same time share one request. */
  get(): Promise<string>;
  /** A token other than the one that was just refused. */
  renew(refused: string): Promise<string>;
}

interface Token {
  value: string;
  endsAt: number;
}

/** A service account's access tokens (RFC 7523): a signed assertion is exchanged for each. */
export function createTokenSource(account: ServiceAccount, now: () => number = Date.now): TokenSource {
  let current: Token | undefined;
  let pending: Promise<Token> | undefined;

  async function get(): Promise<string> {
    if (current && now() < current.endsAt - MARGIN_MS) return current.value;
    pending ??= exchange(account, now()).finally(() => (pending = undefined));
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

async function exchange(account: ServiceAccount, now: number): Promise<Token> {
  const http = createHttp({ vendor: 'Google OAuth', baseUrl: '', explain });
  const { data } = await http.request('token', {
    method: 'POST',
    url: account.tokenUri,
    data: new URLSearchParams({ grant_type: GRANT_TYPE, assertion: await sign(account, now) }),
  });
  const parsed = answer.safeParse(data);
  if (!parsed.success) throw new VendorError('unavailable', 'Google OAuth: token answered in an unknown shape');
  return { value: parsed.data.access_token, endsAt: now + parsed.data.expires_in * 1000 };
}

function sign({ clientEmail, privateKey, tokenUri }: ServiceAccount, now: number): Promise<string> {
  const issuedAt = Math.floor(now / 1000);
  return new SignJWT({ scope: SCOPE })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
    .setIssuer(clientEmail)
    .setAudience(tokenUri)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + 3600)
    .sign(createPrivateKey(privateKey));
}

/** OAuth refuses wrong credentials with 400 (RFC 6749, 5.2). */
function explain(status: number, body: unknown) {
  const { data } = refusal.safeParse(body);
  if (!data || status >= 500) return {};
  return { kind: 'unauthorized' as const, text: [data.error, data.error_description].filter(Boolean).join(': ') };
}
