import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';
import type { z } from 'zod';
import { custom } from '../../../connectors/custom';
import { readEvent } from '../../../connectors/custom/events';
import { signCall } from '../../../connectors/custom/signature';
import * as desk from '../../../sandbox/desk/schemas';
import { faultsSchema } from '../../../sandbox/shared/faults';
import { connect, KEY, opening, SECRET, startRig, textMessage, withAnswer } from './support';

const run = promisify(execFile);
const page = readFileSync(join(__dirname, '../../../docs/custom-contact-center.md'), 'utf8');

/** The examples in this language below the heading. */
function examples(language: string, heading: string): string[] {
  const section = page.split(/^#{2,3} /m).find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`the page has no heading '${heading}'`);
  return [...section.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text]) => text!);
}

const json = (heading: string) => examples('json', heading).map((text): unknown => JSON.parse(text));
const EXAMPLE_KEY = 'handoff:main:5F3A…#0c9d1e2f3a4b.1';
const at = { at: expect.any(String) as string };

describe("the examples of the custom contact center's page", () => {
  test.each<[string, z.ZodType]>([
    ['Open a case', desk.openingSchema],
    ['Add messages', desk.appendSchema],
    ['Add a note', desk.noteSchema],
    ['Close a case', desk.closeSchema],
    ['Show presence', desk.presenceSchema],
    ['Test your integration', faultsSchema],
  ])('%s: the request is one', (heading, schema) => {
    expect(schema.safeParse(json(heading)[0])).toMatchObject({ success: true });
  });

  test('the answers are understood', async () => {
    const answered = (heading: string, i: number, use: Parameters<typeof withAnswer>[2]) =>
      withAnswer(200, json(heading)[i], use);
    await answered('Open a case', 1, (cc) => expect(cc.openCase(opening())).resolves.toMatchObject({ id: '4711' }));
    await answered('Find a case', 0, (cc) =>
      expect(cc.findCase(EXAMPLE_KEY)).resolves.toMatchObject({ ref: { id: '4711' }, status: 'open' }),
    );
    await answered('Read back messages', 0, (cc) =>
      expect(cc.findAppended({ id: '4711' }, ['m-7', 'm-8'])).resolves.toEqual(['m-7']),
    );
    await answered('Report availability', 0, (cc) => expect(cc.availability!('Billing')).resolves.toBe('available'));
    await answered('Event feed', 0, (cc) =>
      expect(cc.poll!.read('1')).resolves.toEqual({
        events: [{ type: 'case-closed', caseKey: EXAMPLE_KEY, id: 'evt-2', ...at }],
        cursor: '1742',
        more: false,
        unreadable: 0,
      }),
    );
    await answered("Return agents' messages", 0, (cc) =>
      expect(cc.agentMessages!.read({ id: '4711' }, ['evt-1', 'evt-2'])).resolves.toMatchObject([{ id: 'evt-1' }]),
    );
    await withAnswer(409, json('Errors')[0], (cc) =>
      expect(cc.append({ id: '4711' }, [textMessage('m-7')])).rejects.toMatchObject({ kind: 'case-closed' }),
    );
  });

  test('the event is one, and so is each type of the table', () => {
    const example = json('Webhooks')[0] as Record<string, unknown>;
    expect(readEvent(example)).toMatchObject({ event: { type: 'agent-message', caseKey: EXAMPLE_KEY } });
    const types = [...page.matchAll(/^\| `((?:agent|case)\.\w+|poll)` +\|/gm)].map(([, type]) => type!);
    expect(types).toHaveLength(9);
    for (const type of types) {
      const reading = readEvent({ ...example, type, messageId: 'm-7', to: 'Level 2' });
      expect(reading).not.toHaveProperty('malformed');
      expect(reading).not.toHaveProperty('ignored');
    }
  });

  test('the settings are accepted, and the table names each with its default', () => {
    const { accounts } = parse(examples('yaml', 'Settings')[0]!) as {
      accounts: { main: { contactCenters: { desk: Record<string, unknown> } } };
    };
    const settings = custom.settings.parse({ ...accounts.main.contactCenters.desk, secret: SECRET });
    for (const [name, value] of Object.entries(settings)) {
      if (['kind', 'baseUrl', 'secret'].includes(name)) continue;
      const shown = JSON.stringify(value)
        .replaceAll('"', '')
        .replaceAll(/[{}:,]/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim();
      const row = new RegExp(`^\\| \`${name}\` +\\| \`(.*?)\` +\\|`, 'm').exec(page)?.[1];
      expect(
        row
          ?.replaceAll(/[{}:,]/g, ' ')
          .replaceAll(/\s+/g, ' ')
          .trim(),
      ).toBe(shown);
    }
  });

  test('the webhook sent from the command line is accepted', async () => {
    const rig = await startRig();
    try {
      const env = { ...process.env, SECRET, CASE_KEY: KEY, URL: new URL('/webhooks', rig.baseUrl).href };
      await run('sh', ['-ec', examples('sh', 'Send a webhook from the command line')[0]!], { env });
      const parsed = await connect({ baseUrl: rig.baseUrl }).webhook!.parse(rig.received[0]!);
      const message = { agent: { name: 'Ana' }, content: { kind: 'text', text: 'Hello!' } };
      expect(parsed.events).toMatchObject([{ type: 'agent-message', caseKey: KEY, message }]);
    } finally {
      await rig.stop();
    }
  });

  const hasPython = spawnSync('python3', ['--version']).status === 0;
  (hasPython ? test : test.skip)('the Python function accepts our calls, and no others', async () => {
    const path = '/cases/4711/messages';
    const headers = await signCall([SECRET], 'POST', path, [Buffer.from('{}')]);
    const call = (path: string, body: string) => JSON.stringify([SECRET, 'POST', path, body, headers]);
    const script = [
      examples('python', 'Verify a call without a library')[0],
      'import json, sys',
      'for line in sys.argv[1:]:',
      '    secret, method, path, body, headers = json.loads(line)',
      '    print(is_signed(secret, method, path, body.encode(), headers))',
    ].join('\n');
    const calls = [call(path, '{}'), call('/cases/4712/messages', '{}'), call(path, '{ }')];
    const { stdout } = await run('python3', ['-c', script, ...calls]);
    expect(stdout.trim().split('\n')).toEqual(['True', 'False', 'False']);
  });
});
