import { Readable } from 'node:stream';
import axios, { AxiosError, type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { startTimeLimit, type TimeLimit } from '../../domain/time-limit';
import { currentCallContext } from './call-context';
import { asUnavailable, VendorError, type VendorErrorKind } from './errors';
import { RateLimiter, type RateLimit } from './rate-limit';
import { StreamedJson } from './streamed-json';
import { trimmed } from './url-setting';

export interface HttpOptions {
  /** Who is called, for error messages: `Infobip`, `Request Tracker`. */
  vendor: string;
  baseUrl: string;
  headers?: Record<string, string>;
  auth?: { username: string; password: string };
  /** For the whole answer; where that is a stream, for its beginning. */
  timeoutMs?: number;
  /** What the vendor's error body says, and its kind where the status alone misleads. */
  explain?: (status: number, body: unknown) => { kind?: VendorErrorKind; text?: string };
  /** How many calls this connection may start. A limiter is shared with the other clients that have it. */
  rateLimit?: RateLimit | RateLimiter;
  /** The vendor's narrower limit for some of the calls, which the other calls do not wait for. */
  narrowerLimit?: { limit: RateLimit; appliesTo(config: AxiosRequestConfig): boolean };
}

export interface Http {
  /**
   * Asks once, with no retry of its own (Temporal retries), and throws a {@link VendorError} for anything but 2xx.
   * Before that it waits for the connection's rate limit, by the priority of the call context; none counts as relaying.
   */
  request<T = unknown>(operation: string, config: AxiosRequestConfig): Promise<AxiosResponse<T>>;
}

const DEFAULT_TIMEOUT_MS = 20_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** After a 429 that does not say how long to wait. */
const DEFAULT_PAUSE_MS = 1_000;

/** One vendor's HTTP client: base URL, credentials, time and rate limits, and its errors as ours. */
export function createHttp(options: HttpOptions): Http {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const client: AxiosInstance = axios.create({
    baseURL: trimmed(options.baseUrl),
    headers: options.headers,
    auth: options.auth,
    maxRedirects: 0,
    proxy: false,
    maxContentLength: MAX_ANSWER_BYTES,
    maxBodyLength: MAX_ANSWER_BYTES,
  });
  const limitersOf = rateLimiters(options);
  return {
    async request<T>(operation: string, config: AxiosRequestConfig) {
      const what = `${options.vendor}: ${operation}`;
      const context = currentCallContext();
      const limiters = limitersOf(config);
      for (const limiter of limiters) await takeTurn(what, limiter, timeoutMs);
      context?.check();
      // What changes something is waited for: were it cut off, it could still take effect behind its successor's back.
      const interruption = isRead(config) ? context?.signal : undefined;
      // Not axios' own `timeout`, which starts anew with every byte of an answer that trickles.
      const limit = startTimeLimit(timeoutMs, [interruption, config.signal as AbortSignal | undefined]);
      const opened = withOpenBody(config);
      try {
        const answer = await client.request<T>({ ...opened, signal: limit.signal });
        endWithBody(limit, answer.data);
        return answer;
      } catch (error) {
        limit.clear();
        if (error instanceof AxiosError && error.response) error.response.data = await refusalIn(error.response.data);
        // The axios error carries request headers and bodies: it must not travel on as a cause.
        const failure = toVendorError(what, error, options, limit.isReached() ? timeoutMs : undefined);
        const { kind, details } = failure;
        if (kind === 'rate-limited') limiters.at(-1)?.pause(details.retryAfterMs ?? DEFAULT_PAUSE_MS);
        throw isRead(config) ? withoutEffect(failure) : failure;
      } finally {
        if (opened.data instanceof Readable) opened.data.destroy();
      }
    },
  };
}

/** What is read as a stream may take longer, and can still be interrupted. */
function endWithBody(limit: TimeLimit, body: unknown): void {
  if (!(body instanceof Readable)) return limit.clear();
  limit.lift();
  body.once('close', () => limit.clear());
}

/** A body that is not in memory is sent as it is read, with its length: not every server takes one without. */
function withOpenBody(config: AxiosRequestConfig): AxiosRequestConfig<unknown> {
  const data: unknown = config.data;
  if (!(data instanceof StreamedJson)) return config;
  const headers = { ...config.headers, 'Content-Type': 'application/json', 'Content-Length': data.size };
  return { ...config, data: data.open(), headers };
}

/** Which limits a call waits for, the narrowest last: that is the one a refusal is about. */
function rateLimiters({ rateLimit, narrowerLimit }: HttpOptions): (config: AxiosRequestConfig) => RateLimiter[] {
  const general = rateLimit ? [rateLimit instanceof RateLimiter ? rateLimit : new RateLimiter(rateLimit)] : [];
  if (!narrowerLimit) return () => general;
  const both = [...general, new RateLimiter(narrowerLimit.limit)];
  return (config) => (narrowerLimit.appliesTo(config) ? both : general);
}

/** Throws where a call's turn does not come: it has had no effect then. */
async function takeTurn(what: string, limiter: RateLimiter, withinMs: number): Promise<void> {
  const { priority = 'relay', signal } = currentCallContext() ?? {};
  const admission = await limiter.take(priority, withinMs, signal);
  if (admission === 'aborted') throw new VendorError('unavailable', `${what} was interrupted before it was sent`);
  if (admission === 'timed-out') {
    const retryAfterMs = Math.max(DEFAULT_PAUSE_MS, Math.ceil(limiter.pauseLeftMs()));
    throw new VendorError('rate-limited', `${what} was not sent: the rate limit is reached`, { retryAfterMs });
  }
}

function isRead({ method = 'GET' }: AxiosRequestConfig): boolean {
  return ['GET', 'HEAD'].includes(method.toUpperCase());
}

/** The failure of a call that changes nothing, such as a read: there is nothing to be read back after it. */
export function withoutEffect(failure: VendorError): VendorError {
  return failure.kind === 'ambiguous' ? asUnavailable(failure) : failure;
}

const MAX_REFUSAL_BYTES = 64 * 1024;
const REFUSAL_TIME_LIMIT_MS = 5_000;

/** A refusal's body. Where a stream was asked for it comes as one, and has to be read or it keeps its connection. */
async function refusalIn(body: unknown): Promise<unknown> {
  if (!(body instanceof Readable)) return body;
  const timer = setTimeout(() => body.destroy(), REFUSAL_TIME_LIMIT_MS);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_REFUSAL_BYTES) return undefined;
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    // It broke off or is not JSON: the status has to do.
    return undefined;
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
}

/** No connection came about, so nothing can have been done. */
const NEVER_ARRIVED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

function toVendorError(what: string, error: unknown, { explain }: HttpOptions, timedOutMs?: number): VendorError {
  if (!(error instanceof AxiosError)) return new VendorError('ambiguous', `${what} failed: ${String(error)}`);
  const { response } = error;
  if (!response) {
    const kind = NEVER_ARRIVED.includes(error.code ?? '') ? 'unavailable' : 'ambiguous';
    const why = timedOutMs === undefined ? (error.code ?? error.message) : `within ${timedOutMs / 1000} s`;
    return new VendorError(kind, `${what} got no answer (${why})`);
  }
  const explained = explain?.(response.status, response.data) ?? {};
  const said = explained.text ? `: ${explained.text.slice(0, 300)}` : '';
  return new VendorError(
    explained.kind ?? kindOfStatus(response.status),
    `${what} answered ${response.status}${said}`,
    { status: response.status, retryAfterMs: retryAfterMs(response.headers['retry-after']) },
  );
}

/** What a status means where the vendor's body does not say more. */
export function kindOfStatus(status: number): VendorErrorKind {
  if (status === 429) return 'rate-limited';
  if (status === 401 || status === 403) return 'unauthorized';
  if (status === 404 || status === 410) return 'not-found';
  if (status === 413) return 'too-large';
  if (status === 415) return 'unsupported';
  if (status === 503 || status === 425) return 'unavailable';
  if (status >= 500 || status === 408) return 'ambiguous';
  return 'rejected';
}

/** `Retry-After` in milliseconds: it comes as seconds or as an HTTP date. */
export function retryAfterMs(header: unknown, now = Date.now()): number | undefined {
  if (typeof header !== 'string' || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
