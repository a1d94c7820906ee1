import { Router, type Request } from 'express';
import type { ProcessesView } from './launch/supervisor';
import { sendProblem } from './shared/problem';

export interface ProcessesOptions {
  /** The control server of `npm start`, and the token that it asks for. */
  controlUrl: string;
  controlToken: string;
}

/** The processes of `npm start`. Elsewhere there is nothing to show and nothing to kill. */
export interface Processes {
  view(): Promise<ProcessesView | undefined>;
  /** Resolves with the HTTP status that says what became of it. */
  kill(name: string): Promise<number>;
}

const TIMEOUT_MS = 2_000;
/** A page of another site cannot send it without asking first, and is never allowed to. */
const PAGE_HEADER = 'x-sandbox-page';

export function createProcesses({ controlUrl, controlToken }: ProcessesOptions): Processes {
  const call = (path: string, method = 'GET') => {
    const headers = { authorization: `Bearer ${controlToken}` };
    return fetch(`${controlUrl}${path}`, { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  };
  return {
    async view() {
      const answer = await call('/processes').catch(() => undefined);
      return answer?.ok ? ((await answer.json()) as ProcessesView) : undefined;
    },
    async kill(name) {
      const { status } = await call(`/processes/${encodeURIComponent(name)}/kill`, 'POST');
      return status;
    },
  };
}

const REASONS: Partial<Record<number, string>> = {
  404: 'This process cannot be killed from here.',
  409: 'This process is not running now. Wait until it is back.',
};

/** `POST /processes/{name}/kill`, for the sandbox's own page alone. */
export function processRoutes(processes: Processes): Router {
  return Router().post('/processes/:name/kill', async (req, res) => {
    if (!isFromOwnPage(req))
      return sendProblem(res, 403, { detail: 'Only the page of the sandbox may kill a process.' });
    const status = await processes.kill(req.params.name).catch(() => 502);
    if (status === 202) res.status(202).json((await processes.view()) ?? {});
    else sendProblem(res, status, { detail: REASONS[status] ?? 'npm start cannot be reached.' });
  });
}

/** The host is checked as well, since the name of another site may be made to lead to this machine. */
function isFromOwnPage(req: Request): boolean {
  const { host = '', origin } = req.headers;
  const isLocal = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host);
  const isSameOrigin = origin === undefined || origin === `http://${host}`;
  return isLocal && isSameOrigin && req.get(PAGE_HEADER) !== undefined;
}
