import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { QUERIES, SIGNALS, type WatchRegister } from '../../domain/contract';
import { ATTRIBUTE } from '../../domain/search-attributes';
import { eventKey, type HandoffEvent } from '../../domain/events';

interface FakeWorkflow {
  status: string;
  seen: Set<string>;
  signals: { name: string; args: unknown[] }[];
  register: string[];
  /** Keys of the cases that are its own. */
  cases: string[];
  /** Its latest case, as lists show it. */
  caseId?: string;
  /** Runs with the same id that Temporal has ended. */
  brokenRuns: { caseId?: string }[];
  memo?: Record<string, unknown>;
  contactCenter?: string;
}

export interface FakeTemporal {
  client: Client;
  start(id: string, change?: Partial<FakeWorkflow>): void;
  signals(id: string, name?: string): unknown[][];
  /** The events that a handoff was sent, in order. */
  delivered(id: string): HandoffEvent[];
  hasSeen(id: string, ...keys: string[]): void;
  queries(): number;
  started: { workflowId: string; args: unknown[]; memo?: unknown }[];
  /** Signals to this workflow and queries fail so, until it is set to undefined. */
  /** Signals to this workflow wait until the answer is called. */
  holdUp(id: string): () => void;
  refuse(id: string, error: Error | undefined): void;
}

/** How queries name what `describe` calls otherwise. */
const VISIBILITY_NAMES: Record<string, string> = {
  RUNNING: 'Running',
  COMPLETED: 'Completed',
  TERMINATED: 'Terminated',
  FAILED: 'Failed',
  TIMED_OUT: 'TimedOut',
  CANCELLED: 'Canceled',
};

/** What activities use of Temporal: workflows that take signals and answer our queries, in memory. */
export function fakeTemporal(running: string[] = []): FakeTemporal {
  const workflows = new Map<string, FakeWorkflow>();
  const refused = new Map<string, Error>();
  const heldUp = new Map<string, Promise<void>>();
  const started: FakeTemporal['started'] = [];
  let queries = 0;
  const start = (id: string, change: Partial<FakeWorkflow> = {}) =>
    void workflows.set(id, {
      status: 'RUNNING',
      seen: new Set(),
      signals: [],
      register: [],
      cases: [],
      brokenRuns: [],
      ...change,
    });
  for (const id of running) start(id);
  const found = (id: string) => {
    const workflow = workflows.get(id);
    if (!workflow) throw new WorkflowNotFoundError('not found', id, undefined);
    return workflow;
  };
  const signal = (id: string, name: string, args: unknown[]) => {
    const error = refused.get(id);
    if (error) throw error;
    const workflow = found(id);
    if (workflow.status !== 'RUNNING') throw new WorkflowNotFoundError('completed', id, undefined);
    workflow.signals.push({ name, args });
    if (name === SIGNALS.deliver) for (const event of args[0] as HandoffEvent[]) workflow.seen.add(eventKey(event));
  };
  const query = (id: string, name: string, [arg]: unknown[]) => {
    queries++;
    const error = refused.get(id);
    if (error) throw error;
    const { seen, register, cases } = found(id);
    if (name === QUERIES.ownsCase) return cases.includes(arg as string);
    if (name === QUERIES.unseen) return (arg as string[]).filter((key) => !seen.has(key));
    const entries = register.map((handoffId) => ({ handoffId, activeAt: 0 }));
    return { version: 1, pollNow: 0, handoffs: entries } satisfies WatchRegister;
  };
  const asked = <T>(answer: () => T): Promise<T> => new Promise((resolve) => resolve(answer()));
  const handle = (id: string) => ({
    signal: (name: string, ...args: unknown[]) =>
      Promise.resolve(heldUp.get(id)).then(() => asked(() => signal(id, name, args))),
    query: (name: string, ...args: unknown[]) => asked(() => query(id, name, args)),
    describe: () => asked(() => ({ status: { name: found(id).status }, memo: found(id).memo, runId: 'run' })),
    result: () => asked(() => ({ seen: [...found(id).seen] })),
  });
  const attributes = ({ contactCenter, caseId }: { contactCenter?: string; caseId?: string }) => ({
    getAll: () => [
      ...(contactCenter ? [{ key: { name: ATTRIBUTE.contactCenter }, value: contactCenter }] : []),
      ...(caseId ? [{ key: { name: ATTRIBUTE.case }, value: caseId }] : []),
    ],
  });
  async function* list({ query }: { query: string }) {
    const isAsked = (status: string) => query.includes(`'${VISIBILITY_NAMES[status]}'`);
    for (const [workflowId, { status, contactCenter, caseId, brokenRuns }] of workflows) {
      await Promise.resolve();
      if (!workflowId.startsWith('handoff:')) continue;
      if (query.includes('WorkflowId =') && !query.includes(`'${workflowId}'`)) continue;
      if (isAsked(status)) yield { workflowId, typedSearchAttributes: attributes({ contactCenter, caseId }) };
      if (!isAsked('TERMINATED')) continue;
      for (const run of brokenRuns) yield { workflowId, typedSearchAttributes: attributes(run) };
    }
  }
  type WithStart = {
    workflowId: string;
    args: unknown[];
    memo?: Record<string, unknown>;
    signal: string;
    signalArgs: unknown[];
  };
  const signalWithStart = (_type: string, { workflowId, args, memo, signal: name, signalArgs }: WithStart) =>
    asked(() => {
      started.push({ workflowId, args, memo });
      start(workflowId, { memo });
      signal(workflowId, name, signalArgs);
    });
  const signals = (id: string, name?: string) =>
    (workflows.get(id)?.signals ?? []).filter((one) => name === undefined || one.name === name).map(({ args }) => args);
  return {
    client: {
      workflow: { getHandle: handle, list, signalWithStart },
      withAbortSignal: (_signal: AbortSignal, call: () => unknown) => call(),
      withDeadline: (_deadline: number, call: () => unknown) => call(),
    } as unknown as Client,
    start,
    started,
    signals,
    delivered: (id) => signals(id, SIGNALS.deliver).flatMap(([events]) => events as HandoffEvent[]),
    hasSeen: (id, ...keys) => keys.forEach((key) => found(id).seen.add(key)),
    queries: () => queries,
    holdUp(id) {
      let answer = () => undefined as void;
      heldUp.set(id, new Promise((resolve) => (answer = resolve)));
      return () => answer();
    },
    refuse: (id, error) => void (error ? refused.set(id, error) : refused.delete(id)),
  };
}
