import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';

/** A worker as the SDK sets it up, which the service's is as well. */
async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address: process.env.TEMPORAL_ADDRESS });
  const workflowsPath = require.resolve('./workflow');
  const worker = await Worker.create({ connection, taskQueue: 'bare', workflowsPath, activities });
  await worker.run();
  await connection.close();
}

void main();
