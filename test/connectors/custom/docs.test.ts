import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { connect, KEY, SECRET, startRig } from './support';

test('the webhook that the page sends by hand is accepted', async () => {
  const page = readFileSync(join(__dirname, '../../../docs/custom-contact-center.md'), 'utf8');
  const script = /```sh\n(.+?)```/s.exec(page)![1]!;
  const rig = await startRig();
  try {
    const env = { ...process.env, SECRET, CASE_KEY: KEY, URL: new URL('/webhooks', rig.baseUrl).href };
    await promisify(execFile)('sh', ['-ec', script], { env });
    const parsed = await connect({ baseUrl: rig.baseUrl }).webhook!.parse(rig.received[0]!);
    const message = { agent: { name: 'Ana' }, content: { kind: 'text', text: 'Hello!' } };
    expect(parsed.events).toMatchObject([{ type: 'agent-message', caseKey: KEY, message }]);
  } finally {
    await rig.stop();
  }
});
