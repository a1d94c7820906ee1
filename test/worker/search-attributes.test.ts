import { registerSearchAttributes } from '../../worker/search-attributes';

test('a namespace gets the search attributes it lacks; who may not add them is given the command', async () => {
  const added: unknown[] = [];
  const customAttributes = { HandoffAccount: 2, HandoffState: 2, HandoffOutcome: 2, HandoffContactCenter: 2 };
  const operatorService = {
    listSearchAttributes: () => Promise.resolve({ customAttributes }),
    addSearchAttributes: (request: unknown) => Promise.resolve(void added.push(request)),
  };
  const connection = { operatorService } as unknown as Parameters<typeof registerSearchAttributes>[0];
  await registerSearchAttributes(connection, 'n1');
  expect(added).toEqual([
    { namespace: 'n1', searchAttributes: { HandoffQueue: 2, HandoffCase: 2, HandoffUndelivered: 3 } },
  ]);
  operatorService.addSearchAttributes = () => Promise.reject(new Error('7 PERMISSION_DENIED'));
  await expect(registerSearchAttributes(connection, 'n1')).rejects.toThrow(
    'Run: temporal operator search-attribute create --namespace n1 --name HandoffAccount --type Keyword',
  );
});
