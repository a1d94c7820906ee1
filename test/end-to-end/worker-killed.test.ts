import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually';
import { startService, type Service } from '../support/service';
import { testAddress } from '../support/temporal';

const ROOT = join(__dirname, '..', '..');

/** The worker as it runs in production: a process of its own, which can be killed. */
describe('a worker that is killed', () => {
  let service: Service;
  let folder: string;
  let worker: ChildProcess | undefined;

  beforeAll(async () => {
    service = await startService({ worker: false });
    folder = mkdtempSync(join(tmpdir(), 'durable-handoff-killed-'));
    writeFileSync(join(folder, 'handoff.yaml'), service.settingsYaml);
  });
  afterAll(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
    await service.stop();
  });

  function start(): void {
    const env = { ...process.env, HANDOFF_CONFIG: join(folder, 'handoff.yaml'), TEMPORAL_ADDRESS: testAddress() };
    worker = spawn(process.execPath, ['--import', 'tsx', 'worker/main.ts'], { cwd: ROOT, env, stdio: 'ignore' });
  }

  async function kill(): Promise<void> {
    if (!worker || worker.exitCode !== null || worker.signalCode !== null) return;
    const gone = once(worker, 'exit');
    worker.kill('SIGKILL');
    await gone;
  }

  test('P22: in mid-conversation, again and again, loses nothing, doubles nothing and keeps the order', async () => {
    start();
    const { conversationId, from } = await service.handOff();
    await service.until(conversationId, 'waiting');
    const questions: string[] = [];
    const answers: string[] = [];
    for (let round = 1; round <= 2; round++) {
      for (let i = 1; i <= 8; i++) {
        questions.push(`question ${round}.${i}`);
        answers.push(`answer ${round}.${i}`);
        service.say(questions.at(-1)!, from);
        await service.agent(conversationId, 'messages', { agent: { name: 'Ana' }, text: answers.at(-1) });
      }
      await eventually('some of it is out', () => service.received(conversationId).includes(`answer ${round}.1`), {
        withinMs: 90_000,
      });
      await kill();
      start();
    }
    await eventually(
      'all is relayed',
      async () => {
        const { relayed } = await service.view(conversationId);
        return relayed.inbound === questions.length && relayed.outbound === answers.length;
      },
      { withinMs: 120_000, everyMs: 500 },
    );
    const { messages } = await service.deskCase(conversationId);
    const asked = messages.flatMap((it) => (it.from === 'end-user' && 'text' in it.content ? [it.content.text] : []));
    expect(asked).toEqual(questions);
    expect(service.received(conversationId).filter((text) => text.startsWith('answer'))).toEqual(answers);
    await service.agent(conversationId, 'close');
    expect(await service.until(conversationId, 'closed')).toMatchObject({ outcome: 'resolved', undelivered: 0 });
  }, 300_000);
});
