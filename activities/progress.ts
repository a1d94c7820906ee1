import { Context, type Info } from '@temporalio/activity';
import { LATE_MS } from '../domain/limits';

/** How far an activity came, as its heartbeats carry it to the next attempt and to the workflow. */
interface Report {
  /** What is done, in order. */
  done: unknown[];
  /** The attempt that failed without any effect after what is done, as had all before it. */
  cleanAttempt?: number;
}

/** The heartbeats of one attempt. Those in the background show that the worker is alive, however slow the vendor is. */
export interface Progress {
  /** What earlier attempts and this one have done, in order. */
  readonly done: readonly unknown[];
  /** Whether earlier attempts may have done more than is known of them: then the vendor has to be asked first. */
  readonly isDoubtful: boolean;
  add(item: unknown): void;
  /** The attempt has failed; `hadNoEffect` where its last call certainly changed nothing. */
  failed(hadNoEffect: boolean): void;
  /** No more heartbeats. */
  stop(): void;
  /** Throws where heartbeats have stopped for so long that another worker may have taken over. */
  check(): void;
}

const BEAT_MS = 2_000;
/** By its own clock a process knows that it was paused. */
const LOST_AFTER_MS = 8_000;

/** This attempt must not go on. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export function startProgress(): Progress {
  const { info, heartbeat } = { info: Context.current().info, heartbeat: beatOf(Context.current()) };
  const earlier = info.heartbeatDetails as Report | undefined;
  const done = [...(earlier?.done ?? [])];
  let lastBeat = Date.now();
  const beat = (extra: Partial<Report> = {}) => {
    lastBeat = Date.now();
    heartbeat({ done, ...extra });
  };
  const check = () => {
    if (Date.now() - lastBeat > LOST_AFTER_MS) {
      throw new Interrupted('This process was paused; another may have gone on');
    }
  };
  const timer = setInterval(() => {
    // Once lost, it stays so: a beat now would only hide it.
    if (Date.now() - lastBeat <= LOST_AFTER_MS) beat();
  }, BEAT_MS);
  timer.unref();
  const isDoubtful = (info.attempt > 1 && earlier?.cleanAttempt !== info.attempt - 1) || isLate(info);
  return {
    done,
    isDoubtful,
    check,
    // The next heartbeat carries it: one of its own would cost the server as much as the whole call.
    add: (item) => void done.push(item),
    // One that has changed nothing, for example since reading back failed, does not clear up what was in doubt before it.
    failed: (hadNoEffect) => beat(hadNoEffect && !isDoubtful ? { cleanAttempt: info.attempt } : {}),
    stop: () => clearInterval(timer),
  };
}

/** It has waited for a worker so long that Temporal may have been restored from a backup since another one made it. */
function isLate({ currentAttemptScheduledTimestampMs }: Info): boolean {
  return Date.now() - currentAttemptScheduledTimestampMs > LATE_MS;
}

function beatOf(context: Context): (details: Report) => void {
  return (details) => context.heartbeat(details);
}
