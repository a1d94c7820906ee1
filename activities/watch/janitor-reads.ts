import { heartbeat, log } from '@temporalio/activity';
import {
  ServiceError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionInfo,
  type WorkflowExecutionStatusName,
} from '@temporalio/client';
import { VendorError } from '../../connectors/shared/errors';
import { QUERIES, WORKFLOWS, type WatchRegister } from '../../domain/contract';
import { watchId } from '../../domain/ids';
import { ATTRIBUTE } from '../../domain/search-attributes';

/** What one sweep of an account found. */
export interface SweepReport {
  running: number;
  /** Handoffs that their watch did not know: its register had been lost. */
  registered: number;
  closedConversations: number;
  closedCases: number;
  /** Left open, for people to look at. */
  alerts: number;
}

/** A handoff as a list of Temporal shows it. */
export interface ListedHandoff {
  handoffId: string;
  contactCenter?: string;
  /** The id of its latest case at the contact center. */
  caseId?: string;
}

/** At most so many are asked of each vendor in one sweep. */
export const LIMIT = 500;

/** By visibility, which lags a little: good enough to find what was missed for minutes. */
function listHandoffs(client: Client, account: string, condition: string) {
  const query = `WorkflowType = '${WORKFLOWS.handoff}' AND ${ATTRIBUTE.account} = '${account}' AND ${condition}`;
  return client.workflow.list({ query, pageSize: 500 });
}

/** Those that Temporal has ended without their doing. */
export function brokenHandoffs(client: Client, account: string, condition: string) {
  return listHandoffs(client, account, `ExecutionStatus IN ('Terminated', 'Failed', 'TimedOut') AND ${condition}`);
}

/** All handoffs of an account that run, by id. */
export type Running = ReadonlyMap<string, ListedHandoff>;

export async function listRunning(client: Client, account: string): Promise<Running> {
  const running = new Map<string, ListedHandoff>();
  for await (const one of listHandoffs(client, account, "ExecutionStatus = 'Running'")) {
    running.set(one.workflowId, listed(one));
    heartbeat();
  }
  return running;
}

export function listed({ workflowId, typedSearchAttributes }: WorkflowExecutionInfo): ListedHandoff {
  const values = new Map(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
  const textOf = (name: string) => {
    const value = values.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const [contactCenter, caseId] = [textOf(ATTRIBUTE.contactCenter), textOf(ATTRIBUTE.case)];
  return { handoffId: workflowId, ...(contactCenter && { contactCenter }), ...(caseId && { caseId }) };
}

export async function registerOf(client: Client, account: string, connection: string): Promise<string[]> {
  try {
    const handle = client.workflow.getHandle(watchId(account, connection));
    if ((await handle.describe()).status.name !== 'RUNNING') return [];
    const register = await handle.query<WatchRegister | null, [number]>(QUERIES.register, -1);
    return (register?.handoffs ?? []).map((one) => one.handoffId);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}

/** What Temporal itself knows of a handoff; undefined where it has no record of it. */
export async function statusOf(client: Client, id: string): Promise<WorkflowExecutionStatusName | undefined> {
  try {
    return (await client.workflow.getHandle(id).describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Ended by Temporal and not by itself: nobody has closed anything. */
export function isBroken(status: WorkflowExecutionStatusName | undefined): boolean {
  return status === 'TERMINATED' || status === 'FAILED' || status === 'TIMED_OUT' || status === 'CANCELLED';
}

export function alert(message: string, about: Record<string, string>, report: SweepReport): void {
  report.alerts++;
  log.error(message, about);
}

/** One vendor, one watch or one item that fails does not keep the others from being swept. */
export async function isolated(about: Record<string, string>, work: () => Promise<void> | void): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof VendorError) {
      log.warn('the janitor could not check this', { ...about, kind: error.kind, reason: error.message });
    } else if (error instanceof ServiceError) {
      log.warn('the janitor could not check this', { ...about, kind: 'temporal', reason: error.message });
    } else throw error;
  }
}
