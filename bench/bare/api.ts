import { Client, Connection } from '@temporalio/client';
import express from 'express';

/** Turns a webhook into a signal, and answers once Temporal has it. */
const connection = Connection.lazy({ address: process.env.TEMPORAL_ADDRESS });
const client = new Client({ connection });

const app = express().use(express.json());
app.get('/readyz', (_req, res) => void res.json({}));
app.post('/webhooks/:workflowId', async (req, res) => {
  const { text } = req.body as { text: string };
  await client.workflow.getHandle(req.params.workflowId).signal('message', text);
  res.json({});
});
app.listen(Number(process.env.API_PORT), '127.0.0.1');
process.once('SIGTERM', () => process.exit());
