import { temporalConnectionOptions } from '../../settings/temporal';

const settings = { address: 'file:1', namespace: 'from-file', taskQueue: 'handoff' };

test('Temporal is where the settings say, unless the TEMPORAL variables say otherwise', () => {
  expect(temporalConnectionOptions(settings, {})).toMatchObject({ address: 'file:1', namespace: 'from-file' });
  const env = { TEMPORAL_ADDRESS: 'env:2', TEMPORAL_API_KEY: 'key', TEMPORAL_GRPC_META_X_TEAM: 'chat' };
  expect(temporalConnectionOptions(settings, env)).toMatchObject({
    address: 'env:2',
    namespace: 'from-file',
    apiKey: 'key',
    tls: true,
    metadata: { 'x-team': 'chat' },
  });
});
