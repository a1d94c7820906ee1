import { activityInfo, Context, heartbeat, sleep } from '@temporalio/activity';
import { withCallContext } from '../../connectors/shared/call-context';
import { QUERIES, type WatchInput, type WatchRegister } from '../../domain/contract';
import { parseHandoffId, PLATFORM, watchId } from '../../domain/ids';
import { accountOf, type ActivityDeps } from '../deps';
import { interruptible } from '../interruptible';
import { contactCenterPoll, withBackoff, type Poll } from './poll';
import { KeptSchedule, reconcilePoll } from './reconcile';
import type { Watched } from './schedule';

export interface WatchResult {
  cursor: string | null;
}

/** One poll session lasts this long at most; the workflow then keeps the cursor and starts the next. */
const SESSION_MS = 5 * 60_000;
const HEARTBEAT_MS = 5_000;
/** An agent who writes so long after the last handoff has ended is notified without another one having to begin. */
const AFTERWARDS_MS = 2 * 60_000;
/** The register is asked for this often; between, what is known of it counts. */
const REGISTER_EVERY_MS = 5_000;

export function watchActivities(deps: ActivityDeps) {
  const schedules = new Map<string, KeptSchedule>();
  const scheduleOf = (account: string) => {
    const kept = schedules.get(account) ?? new KeptSchedule();
    schedules.set(account, kept);
    return kept;
  };
  return {
    /**
     * Polls one connection, for all its handoffs together, again and again. The cursor travels in the heartbeat, so
     * that after a crash the next attempt reads on; what it reads twice is dropped by the handoffs.
     */
    async watchConnection(input: Pick<WatchInput, 'account' | 'connection' | 'cursor'>): Promise<WatchResult> {
      const { cancellationSignal: signal } = Context.current();
      const context = { signal, priority: 'reconcile' as const, check: () => undefined };
      return withCallContext(context, () => pollSession(deps, input, scheduleOf(input.account)));
    },
  };
}

async function pollSession(
  deps: ActivityDeps,
  { account, connection, cursor: start }: Pick<WatchInput, 'account' | 'connection' | 'cursor'>,
  schedules: KeptSchedule,
): Promise<WatchResult> {
  let cursor = (activityInfo().heartbeatDetails as string | null | undefined) ?? start;
  const register = registerOf(deps, account, connection);
  const options = { register, cursor: () => cursor, schedules };
  const poll = withBackoff(pollOf(deps, account, connection, options), { account, connection });
  const startedAt = Date.now();
  let emptySince: number | undefined;
  let polled = -1;
  const isOver = () => {
    const [since, ms] = emptySince === undefined ? [startedAt, SESSION_MS] : [emptySince, AFTERWARDS_MS];
    return Date.now() - since >= ms;
  };
  for (;;) {
    heartbeat(cursor);
    const { handoffs, pollNow } = await register();
    emptySince = handoffs.length > 0 ? undefined : (emptySince ?? Date.now());
    if (isOver()) break;
    polled = pollNow;
    const result = await alive(() => poll(cursor), cursor);
    cursor = result.cursor;
    await pause(result.waitMs, cursor, async () => (await register()).pollNow !== polled);
  }
  return { cursor };
}

/** The watch's register, asked for by query: it costs no history. */
function registerOf({ client }: ActivityDeps, account: string, connection: string): () => Promise<WatchRegister> {
  const handle = client.workflow.getHandle(watchId(account, connection));
  let known: WatchRegister = { version: -1, pollNow: 0, handoffs: [] };
  let askedAt = 0;
  return async () => {
    if (Date.now() - askedAt < REGISTER_EVERY_MS) return known;
    const news = await interruptible(client, () =>
      handle.query<WatchRegister | null, [number]>(QUERIES.register, known.version),
    );
    known = news ?? known;
    askedAt = Date.now();
    return known;
  };
}

interface PollOptions {
  register: () => Promise<WatchRegister>;
  cursor: () => string | null;
  schedules: KeptSchedule;
}

function pollOf(
  deps: ActivityDeps,
  account: string,
  connection: string,
  { register, cursor, schedules }: PollOptions,
): Poll {
  const { settings } = accountOf(deps, account);
  const { pollEvery, reconcileEvery, reconcileShare } = settings.watch;
  if (connection !== PLATFORM) return contactCenterPoll(deps, account, connection, pollEvery);
  return reconcilePoll(deps, account, {
    schedules,
    reconcileEvery,
    reconcileShare,
    open: async () => watchedOf((await register()).handoffs),
    pause: (ms) => pause(ms, cursor()),
  });
}

function watchedOf(handoffs: WatchRegister['handoffs']): Watched[] {
  return handoffs.flatMap(({ handoffId, activeAt }) => {
    const ref = parseHandoffId(handoffId);
    return ref ? [{ handoffId, conversationId: ref.conversationId, activeAt }] : [];
  });
}

/** A slow vendor is no dead worker: heartbeats go on while it is polled. */
async function alive<T>(run: () => Promise<T>, cursor: string | null): Promise<T> {
  const beat = setInterval(() => heartbeat(cursor), HEARTBEAT_MS);
  try {
    return await run();
  } finally {
    clearInterval(beat);
  }
}

/** Waits, heartbeating meanwhile; ends at once when the activity is cancelled or there is a reason to go on. */
async function pause(ms: number, cursor: string | null, isOver?: () => Promise<boolean>): Promise<void> {
  const until = Date.now() + ms;
  do {
    heartbeat(cursor);
    await sleep(Math.max(0, Math.min(HEARTBEAT_MS, until - Date.now())));
  } while (Date.now() < until && !(await isOver?.()));
}
