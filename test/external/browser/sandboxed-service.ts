import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { createApp } from '../../../api/app';
import { chooseAccounts, subscribe } from '../../../cli/subscribe';
import { connect } from '../../../accounts/connect';
import { parseSettings } from '../../../settings/load';
import { createLogger } from '../../../settings/logger';
import { registerSearchAttributes } from '../../../worker/search-attributes';
import { sandboxEnvironment } from '../../../sandbox/launch/environment';
import { freePort } from '../../../sandbox/launch/ports';
import { createSandboxServer, optionsFrom, type Sandbox } from '../../../sandbox/server';
import { createWorkers } from '../../../worker/workers';
import { testConnection, testWorkflowBundle } from '../../support/temporal';

const ROOT = join(__dirname, '..', '..', '..');

/** What `npm start` runs, in this process and on the test run's Temporal server. */
export interface SandboxedService {
  sandbox: Sandbox;
  /** The page's address. */
  url: string;
  /** As an operator does. */
  transfer(handoffId: string, body: { to: string; queue: string }): Promise<void>;
  stop(): Promise<void>;
}

/** @param account the one whose handoffs run; no other test file has it, as its watchers are found by its name. */
export async function startSandboxedService(account: 'main' | 'business'): Promise<SandboxedService> {
  const [API_PORT, SANDBOX_PORT] = [await freePort(), await freePort()];
  const env = sandboxEnvironment({ API_PORT, SANDBOX_PORT, TEMPORAL_PORT: 7233, TEMPORAL_UI_PORT: 8233 }, ROOT);
  const settings = parseSettings(readFileSync(env.HANDOFF_CONFIG!, 'utf8'), env);
  settings.temporal.taskQueue = `browser-${randomUUID()}`;
  settings.accounts = { [account]: settings.accounts[account]! };
  const accounts = connect(settings);

  const connection = await testConnection();
  await registerSearchAttributes(connection, 'default');
  const code = { workflowBundle: testWorkflowBundle() };
  const workers = await createWorkers({ connection, namespace: 'default', settings, accounts, code });
  const runs = workers.map((worker) => worker.run());
  const logger = createLogger('api', 'silent');
  const client = new Client({ connection });
  const api = createServer(createApp({ settings, accounts, client, logger }));
  await new Promise<void>((resolve) => api.listen(API_PORT, '127.0.0.1', resolve));

  const sandbox = createSandboxServer(optionsFrom(env));
  const url = await sandbox.listen(SANDBOX_PORT);
  const dialog = { print: () => undefined, confirm: () => Promise.resolve(true) };
  await subscribe(chooseAccounts(accounts, undefined), env.HANDOFF_API_URL!, dialog);

  async function stop(): Promise<void> {
    await endOpen(client, settings.temporal.taskQueue);
    for (const worker of workers) worker.shutdown();
    await Promise.all(runs);
    api.closeAllConnections();
    await new Promise((resolve) => api.close(resolve));
    await sandbox.close();
    await connection.close();
  }
  async function transfer(handoffId: string, body: { to: string; queue: string }): Promise<void> {
    const answer = await fetch(`${env.HANDOFF_API_URL}/v1/handoffs/${encodeURIComponent(handoffId)}/transfer`, {
      method: 'POST',
      headers: { authorization: `Bearer ${env.HANDOFF_OPERATOR_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`the transfer was answered with ${answer.status}: ${await answer.text()}`);
  }
  return { sandbox, url, transfer, stop };
}

/** What still runs would hold its worker. */
async function endOpen(client: Client, taskQueue: string): Promise<void> {
  const query = `ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue}'`;
  const ended: Promise<unknown>[] = [];
  for await (const { workflowId } of client.workflow.list({ query })) {
    ended.push(client.workflow.getHandle(workflowId).terminate('the test is over'));
  }
  await Promise.allSettled(ended);
}
