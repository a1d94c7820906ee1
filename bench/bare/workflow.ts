import { condition, defineSignal, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type * as activities from './activities';

const { send } = proxyActivities<typeof activities>({ startToCloseTimeout: '60s' });

/** The least that relays a conversation's messages in order: each is one signal and one activity. */
export async function relay(): Promise<void> {
  const waiting: string[] = [];
  setHandler(defineSignal<[string]>('message'), (text) => void waiting.push(text));
  for (;;) {
    await condition(() => waiting.length > 0);
    await send(workflowInfo().workflowId, waiting.shift()!);
  }
}
