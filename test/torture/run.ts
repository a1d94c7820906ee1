import { setTimeout as sleep } from 'node:timers/promises';
import { WORKFLOWS } from '../../domain/contract';
import { Actor } from './actor';
import { checkConversation } from './check';
import { collect } from './collect';
import { FaultInjector } from './fault-injector';
import type { TortureOptions } from './options';
import type { Memory } from './memory';
import { hashOf, makePlan, stepsIn, type Plan } from './plan';
import type { Progress } from './progress';
import type { Judged, Outcome } from './report';
import { Stage, Stuck } from './stage';
import { System } from './system';
import { EVERYBODY } from './timelines';

/** Reads of what is left in the end, side by side. */
const COLLECTORS = 8;
const COMPARISON_MS = 300_000;
const COMPARISON_PER_CONVERSATION_MS = 500;
const MINUTE_MS = 60_000;

/** What goes wrong where a protection was taken out is no riddle. */
function isWorthReading(outcome: Outcome | undefined): boolean {
  return outcome === undefined || (outcome.failed > 0 && outcome.options.mutate === undefined);
}

const running = new Set<System>();

/** Ends everything that runs, for a program that is asked to end. */
export async function stopRuns(): Promise<void> {
  await Promise.all([...running].map((system) => system.stop({ keepLogs: false })));
}

/** One run: plays the plan, waits until all of it is over, and compares what was sent with what was received. */
export async function runTorture(options: TortureOptions, progress: Progress): Promise<Outcome> {
  const plan = makePlan(options);
  progress.say(
    `Plan ${hashOf(plan)}: seed ${options.seed}, ${stepsIn(plan)} steps, ${plan.disturbances.length} disturbances`,
  );
  const injector = new FaultInjector(options.webhooks);
  const system = new System(options, injector);
  running.add(system);
  const begun = Date.now();
  let outcome: Outcome | undefined;
  try {
    await system.start((line) => progress.say(line));
    outcome = await play(options, plan, system, injector, progress);
    outcome.seconds = Math.round((Date.now() - begun) / 1_000);
    return outcome;
  } finally {
    running.delete(system);
    const logs = await system.stop({ keepLogs: isWorthReading(outcome) });
    if (outcome) outcome.logs = logs;
    else if (logs) progress.say(`The logs are in ${logs}`);
  }
}

async function play(
  options: TortureOptions,
  plan: Plan,
  system: System,
  injector: FaultInjector,
  progress: Progress,
): Promise<Outcome> {
  const { vendors, client, secrets, places, vendorsUrl } = system;
  const stage = new Stage(vendors, injector, client, secrets, places.publicUrl, vendorsUrl, places.platformUrl);
  await useReopeningDesk(stage);
  const actors = plan.conversations.map((one) => new Actor(one, stage));
  const watching = watchProgress(stage, actors, plan, options, progress);
  const disturbing = disturb(system, stage, plan);
  const early = sleep(MINUTE_MS, undefined, { ref: false }).then(() => system.memory());
  const stuck = await playAll(stage, actors, options).catch((error: unknown) => {
    if (error instanceof Stuck) return error.message;
    throw error;
  });
  stage.giveUp(new Stuck('it is over'));
  const disturbed = await disturbing;
  await watching;
  const memory = await memoryOver(system, early);
  // Otherwise the comparison would wait for what is still broken.
  injector.repairAll();
  progress.say('Comparing what was sent with what was received …');
  // One whose script never began has nothing to compare.
  const begun = actors.filter(({ conversationId }) => conversationId !== '');
  const judged = await judge(freshStage(stage, COMPARISON_MS + begun.length * COMPARISON_PER_CONVERSATION_MS), begun);
  return {
    ...{ options, planHash: hashOf(plan), judged, stuck, disturbed, endedByThemselves: system.endedByThemselves },
    failed: judged.filter(({ violations }) => violations.length > 0).length + (stuck === undefined ? 0 : 1),
    ...(memory && { memory }),
    faults: injector.counts,
    seconds: 0,
  };
}

/** What comes for a closed case there opens it again, as in many ticket systems. */
async function useReopeningDesk(stage: Stage): Promise<void> {
  const url = `${stage.vendorsUrl}/backoffice/sandbox/behavior`;
  await stage.call(url, { body: { reopenOnAppend: 'silently' } });
}

/** An agent who wrote as the handoff ended is notified with one of the next polls, after its workflow is over. */
const LATE_NOTES_MS = 10_000;

async function playAll(stage: Stage, actors: Actor[], { duration }: TortureOptions): Promise<undefined> {
  const playing = actors.map((actor) => actor.play(duration * 1_000));
  const healthy = actors.filter(({ isBroken }) => !isBroken);
  const all = Promise.all(playing);
  all.catch(() => undefined);
  await Promise.all(playing.filter((_, i) => !actors[i]!.isBroken));
  await stage.until(() => healthy.every(({ isOver }) => isOver));
  stage.injector.repairAll();
  stage.isRepaired = true;
  await all;
  await stage.until(() => actors.every(({ isOver }) => isOver));
  await untilNoneRuns(stage);
  await stage.pause(LATE_NOTES_MS);
}

async function untilNoneRuns(stage: Stage): Promise<void> {
  const query = `WorkflowType = '${WORKFLOWS.handoff}' AND ExecutionStatus = 'Running'`;
  for (;;) {
    const count = await stage.client.workflow.count(query).then(
      ({ count }) => count,
      () => -1,
    );
    if (count === 0) return;
    await stage.pause(500);
  }
}

/** Each when its part of the steps is done. Answers how many took place. */
async function disturb(system: System, stage: Stage, plan: Plan): Promise<number> {
  const total = stepsIn(plan);
  const under: Promise<boolean>[] = [];
  for (const one of [...plan.disturbances].sort((a, b) => a.at - b.at)) {
    while (stage.steps < one.at * total && !stage.isOver) await sleep(50);
    if (stage.isOver) break;
    stage.vendors.timelines.note(EVERYBODY, 'disturbance', JSON.stringify(one));
    under.push(system.disturb(one));
  }
  return (await Promise.all(under)).filter(Boolean).length;
}

/** Shows how far it is, and stops once nothing moves any more. */
async function watchProgress(
  stage: Stage,
  actors: Actor[],
  plan: Plan,
  { stall }: TortureOptions,
  progress: Progress,
): Promise<void> {
  const steps = stepsIn(plan);
  let known = -1;
  let movedAt = Date.now();
  while (!stage.isOver) {
    if (stage.progress !== known) [known, movedAt] = [stage.progress, Date.now()];
    const over = actors.filter(({ isOver }) => isOver).length;
    progress.show({ steps: [stage.steps, steps], over: [over, actors.length], arrived: stage.vendors.arrivals.size });
    if (Date.now() - movedAt > stall * 1_000) stage.giveUp(new Stuck(`nothing has moved for ${stall} s`));
    await sleep(500);
  }
  progress.end();
}

/** Calls of the comparison are made whatever has become of the run. */
function freshStage(
  { vendors, injector, client, secrets, apiUrl, vendorsUrl, platformUrl }: Stage,
  limitMs: number,
): Stage {
  const stage = new Stage(vendors, injector, client, secrets, apiUrl, vendorsUrl, platformUrl);
  setTimeout(() => stage.giveUp(new Error('the comparison takes too long')), limitMs).unref();
  return stage;
}

/** Undefined for runs of less than a minute. */
async function memoryOver(system: System, early: ReturnType<System['memory']>): Promise<Memory | undefined> {
  const before = await Promise.race([early, Promise.resolve(undefined)]);
  const after = await system.memory();
  if (!before || !after) return undefined;
  const both = (kind: 'api' | 'worker') => ({ before: before[kind], after: after[kind] });
  return { api: both('api'), worker: both('worker') };
}

async function judge(stage: Stage, actors: Actor[]): Promise<Judged[]> {
  const left = [...actors];
  const judged: Judged[] = [];
  await Promise.all(
    Array.from({ length: COLLECTORS }, async () => {
      for (let actor = left.shift(); actor; actor = left.shift()) {
        const record = await collect(stage, actor);
        judged.push({ record, violations: checkConversation(record) });
      }
    }),
  );
  return judged;
}
