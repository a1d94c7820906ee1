import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseSettings } from '../../settings/load';
import { settingsSchema } from '../../settings/schema';
import { contactCenterConnectors, platformConnectors } from '../../connectors/registry';
import { TEXT_KEYS } from '../../domain/texts';

const ROOT = join(__dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

type Type = {
  def: { type: string; innerType?: Type; in?: Type; element?: Type; valueType?: Type; defaultValue?: unknown };
};

/** The type within `optional`, `default` and their like, and the default itself. */
function unwrap(type: Type): { type: Type; preset?: unknown } {
  const { innerType, in: input, defaultValue } = type.def;
  const inner = innerType ?? (type.def.type === 'pipe' ? input : undefined);
  if (!inner) return { type };
  const deeper = unwrap(inner);
  return { type: deeper.type, preset: defaultValue ?? deeper.preset };
}

/** Every setting of a schema, as its path and what stands in for it: `keys[].name`. */
function settingsIn(schema: Type, path = ''): [path: string, preset: unknown][] {
  const { type, preset } = unwrap(schema);
  if (type instanceof z.ZodObject) {
    const shape: Record<string, Type> = type.shape;
    return Object.entries(shape).flatMap(([key, value]) => settingsIn(value, path ? `${path}.${key}` : key));
  }
  const { element } = type.def;
  if (element && unwrap(element).type instanceof z.ZodObject) return settingsIn(element, `${path}[]`);
  return [[path, preset]];
}

/** As a default is written in the tables: empty where there is none. */
function written(preset: unknown): string {
  if (preset === undefined) return '';
  if (Array.isArray(preset)) return `\`[${preset.join(', ')}]\``;
  return `\`${typeof preset === 'string' ? preset : JSON.stringify(preset)}\``;
}

/** The first two columns of the table under a heading. */
function tableUnder(heading: string): [path: string, preset: string][] {
  const section =
    read('docs/settings.md')
      .split(/^## /m)
      .find((text) => text.startsWith(`${heading}\n`)) ?? '';
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((row) => {
    const [, path = '', preset = ''] = row.split('|').map((cell) => cell.trim());
    return [path.replaceAll('`', ''), preset];
  });
}

const { shape } = settingsSchema;
const account = (shape.accounts as unknown as Type).def.valueType!;
const sections: [heading: string, schema: unknown][] = [
  ['`api`', shape.api],
  ['`temporal`', shape.temporal],
  ['`worker`', shape.worker],
  ['`log`', shape.log],
  ['`limits`', shape.limits],
  ['An account', account],
  ...platformConnectors.map(({ kind, settings }): [string, unknown] => [`Platform \`${kind}\``, settings]),
  ...contactCenterConnectors.map(({ kind, settings }): [string, unknown] => [`Contact center \`${kind}\``, settings]),
];

describe('docs/settings.md', () => {
  test.each(sections)('names every setting under "%s" with its default, and no other', (heading, schema) => {
    const expected = settingsIn(schema as Type).map(([path, preset]) => [path, written(preset)]);
    expect(expected).not.toHaveLength(0);
    expect(tableUnder(heading).sort()).toEqual(expected.sort());
  });

  test('has a section for each part of the file', () => {
    expect(Object.keys(shape).sort()).toEqual(['accounts', 'api', 'limits', 'log', 'temporal', 'worker']);
  });

  test('names every moment that has a text', () => {
    const page = read('docs/settings.md');
    expect(TEXT_KEYS.filter((key) => !page.includes(`\`${key}\``))).toEqual([]);
  });
});

describe('handoff.example.yaml', () => {
  const example = read('handoff.example.yaml');
  const names = [...example.matchAll(/^[^#\n]*\$\{(\w+)\}/gm)].map(([, name]) => name!);

  test('can be used as it is, once its variables are set', () => {
    const env = Object.fromEntries(names.map((name) => [name, `a-value-of-some-length-for-${name}`]));
    expect(names).not.toHaveLength(0);
    expect(Object.keys(parseSettings(example, env).accounts)).toEqual(['main']);
  });

  test('says which variable is missing', () => {
    expect(() => parseSettings(example, {})).toThrow(/environment variable BOT_KEY is not set/);
  });
});

describe('links between the pages', () => {
  const pages = ['.', 'docs'].flatMap((folder) =>
    readdirSync(join(ROOT, folder)).flatMap((file) => (file.endsWith('.md') ? [join(folder, file)] : [])),
  );

  test.each(pages)('of %s lead somewhere', (page) => {
    const text = read(page).replace(/```.*?```/gs, '');
    const targets = [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
    const broken = targets.filter(([, path, anchor]) => {
      const file = path ? join(ROOT, dirname(page), path) : join(ROOT, page);
      return !existsSync(file) || (anchor !== undefined && !anchorsOf(readFileSync(file, 'utf8')).includes(anchor));
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  const headings = [...text.replace(/```.*?```/gs, '').matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading!);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
