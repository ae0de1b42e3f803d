import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BatchGetTracesCommand } from '@aws-sdk/client-xray';
import { expect, test } from 'vitest';
import { logsOperations, xrayOperations } from './operations/index.ts';
import { apiToLambda } from './scenes/index.ts';
import { account, region, startXRay, xrayClient } from './testing/clients.ts';

test('the README names every operation', () => {
  const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8');
  for (const { name } of [...xrayOperations.values(), ...logsOperations.values()]) {
    expect(readme).toContain(`\`${name}\``);
  }
});

test('the example of the README, by the real clock', async () => {
  const xray = await startXRay();
  const scene = apiToLambda({ at: Date.now() });
  xray.put(account, region, scene.documents);
  const answer = await xrayClient(xray).send(
    new BatchGetTracesCommand({ TraceIds: [scene.traceId] }),
  );
  expect(answer.Traces?.[0]?.Segments).toHaveLength(4);
});
