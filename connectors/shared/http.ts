import { Readable } from 'node:stream';
import axios, { AxiosError, type AxiosInstance, type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { currentCallContext } from './call-context';
import { VendorError, type VendorErrorKind } from './errors';

export interface HttpOptions {
  /** Who is called, for error messages: `Infobip`, `Request Tracker`. */
  vendor: string;
  baseUrl: string;
  headers?: Record<string, string>;
  auth?: { username: string; password: string };
  timeoutMs?: number;
  /** What the vendor's error body says, and its kind where the status alone misleads. */
  explain?: (status: number, body: unknown) => { kind?: VendorErrorKind; text?: string };
}

export interface Http {
  /** Asks once, with no retry of its own (Temporal retries), and throws a {@link VendorError} for anything but 2xx. */
  request<T = unknown>(operation: string, config: AxiosRequestConfig): Promise<AxiosResponse<T>>;
}

const DEFAULT_TIMEOUT_MS = 20_000;
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/** One vendor's HTTP client: base URL, credentials, time limit, and its errors as ours. */
export function createHttp(options: HttpOptions): Http {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const client: AxiosInstance = axios.create({
    baseURL: options.baseUrl.replace(/\/+$/, ''),
    headers: options.headers,
    auth: options.auth,
    timeout: timeoutMs,
    maxRedirects: 0,
    proxy: false,
    maxContentLength: MAX_ANSWER_BYTES,
    maxBodyLength: MAX_ANSWER_BYTES,
  });
  return {
    async request<T>(operation: string, config: AxiosRequestConfig) {
      const context = currentCallContext();
      context?.check();
      const signals = [context?.signal, config.signal as AbortSignal | undefined].filter((one) => one !== undefined);
      try {
        return await client.request<T>({ ...config, ...(signals.length > 0 && { signal: AbortSignal.any(signals) }) });
      } catch (error) {
        if (error instanceof AxiosError && error.response) error.response.data = await refusalIn(error.response.data);
        // The axios error carries request headers and bodies: it must not travel on as a cause.
        throw toVendorError(operation, error, options);
      }
    },
  };
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

function toVendorError(operation: string, error: unknown, { vendor, explain }: HttpOptions): VendorError {
  const what = `${vendor}: ${operation}`;
  if (!(error instanceof AxiosError)) return new VendorError('ambiguous', `${what} failed: ${String(error)}`);
  const { response } = error;
  if (!response) {
    const kind = NEVER_ARRIVED.includes(error.code ?? '') ? 'unavailable' : 'ambiguous';
    return new VendorError(kind, `${what} got no answer (${error.code ?? error.message})`);
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
