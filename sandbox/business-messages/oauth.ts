import { createPublicKey, randomUUID } from 'node:crypto';
import express, { type Request, type RequestHandler } from 'express';
import { jwtVerify } from 'jose';
import { z } from 'zod';
import type { Journal } from '../shared/journal';
import { ApiError } from './errors';

const SCOPE = 'https://www.googleapis.com/auth/businessmessages';
const TOKEN_SECONDS = 3600;

export interface ServiceAccount {
  clientEmail: string;
  /** PEM, of the public or the private key. */
  publicKey: string;
}

const grantSchema = z.object({
  grant_type: z.literal('urn:ietf:params:oauth:grant-type:jwt-bearer'),
  assertion: z.string().min(1),
});

/** Google's token endpoint for one service account (RFC 7523), and the tokens it has given out. */
export class OAuth {
  private readonly key;
  /** When each token ends, in milliseconds. */
  private readonly tokens = new Map<string, number>();

  constructor(
    private readonly account: ServiceAccount,
    private readonly journal: Journal,
    private readonly now: () => number,
  ) {
    this.key = createPublicKey(account.publicKey);
  }

  /** Takes back every token before its time. */
  revokeTokens(): void {
    this.tokens.clear();
  }

  readonly issue: RequestHandler[] = [
    express.urlencoded({ extended: false }),
    async (req, res) => {
      const grant = grantSchema.safeParse(req.body);
      const refusal = grant.success
        ? await this.refusalOf(grant.data.assertion, addressOf(req))
        : { error: 'unsupported_grant_type' };
      this.journal.append('token', { status: refusal ? 400 : 200, ...refusal });
      if (refusal) return void res.status(400).json(refusal);
      const token = randomUUID();
      this.tokens.set(token, this.now() + TOKEN_SECONDS * 1000);
      res.json({ access_token: token, expires_in: TOKEN_SECONDS, token_type: 'Bearer' });
    },
  ];

  readonly authenticate: RequestHandler = (req, _res, next) => {
    const token = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
    const endsAt = token === undefined ? undefined : this.tokens.get(token);
    if (endsAt === undefined || endsAt <= this.now()) {
      throw new ApiError('UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    }
    next();
  };

  private async refusalOf(assertion: string, audience: string) {
    try {
      const currentDate = new Date(this.now());
      const { clientEmail: issuer } = this.account;
      const claims = { issuer, audience, currentDate, maxTokenAge: '1h', algorithms: ['RS256'], clockTolerance: 30 };
      const { payload } = await jwtVerify<{ scope?: unknown }>(assertion, this.key, claims);
      const scopes = String(payload.scope).split(' ');
      return scopes.includes(SCOPE) ? undefined : { error: 'invalid_scope', error_description: 'No such scope.' };
    } catch (error) {
      return { error: 'invalid_grant', error_description: (error as Error).message };
    }
  }
}

/** The assertion has to be meant for this endpoint, at the address where its caller has found it. */
function addressOf(req: Request): string {
  return `${req.protocol}://${req.get('host')}${req.originalUrl}`;
}
