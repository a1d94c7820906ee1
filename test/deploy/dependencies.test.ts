import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '..', '..');
const read = <T>(file: string) => JSON.parse(readFileSync(join(root, file), 'utf8')) as T;
const { dependencies } = read<{ dependencies: Record<string, string> }>('package.json');
const { include: folders } = read<{ include: string[] }>('tsconfig.build.json');

function importedBy(file: string): string[] {
  const matches = readFileSync(join(root, file), 'utf8').matchAll(
    /(?:from|import|import\(|require\() ?'([^.'][^']*)'/g,
  );
  return [...matches].map(([, specifier = '']) => specifier);
}

/** `@scope/name/lib/file` → `@scope/name` */
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

test('what the built code imports is a production dependency', () => {
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  const foreign = files.flatMap((file) => importedBy(file).map((specifier) => ({ file, specifier })));
  expect(foreign.length).toBeGreaterThan(0);
  const missing = foreign.filter(
    ({ specifier }) => !specifier.startsWith('node:') && dependencies[packageOf(specifier)] === undefined,
  );
  expect(missing).toEqual([]);
});
