import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { GetTraceSummariesCommand, XRayClient } from '@aws-sdk/client-xray';
import { expect, onTestFinished, test } from 'vitest';

const main = join(import.meta.dirname, 'main.ts');

function run(...args: string[]) {
  const child = spawn(process.execPath, ['--conditions=@spanloom/source', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

test('the command serves made-up traces until it is told to stop', async () => {
  const child = run('--port', '0', '--demo', '5');
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const url = /^Local X-Ray is ready: (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(line.toString())?.[1];
  const client = new XRayClient({
    endpoint: url!,
    region: 'eu-west-1',
    credentials: { accessKeyId: '111122223333', secretAccessKey: 'any' },
  });
  await expect
    .poll(
      async () => {
        const EndTime = new Date(Date.now() + 60_000);
        const answer = await client.send(
          new GetTraceSummariesCommand({ StartTime: new Date(Date.now() - 60_000), EndTime }),
        );
        return answer.TraceSummaries?.length;
      },
      { timeout: 15_000 },
    )
    .toBeGreaterThanOrEqual(5);
  client.destroy();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('the command says how it is used', async () => {
  const child = run('--prot', '1');
  const [text] = (await once(child.stderr, 'data')) as [Buffer];
  expect(text.toString()).toContain("Unknown option '--prot'");
  expect(text.toString()).toContain('Usage: local-xray [options]');
  expect(await once(child, 'exit')).toEqual([2, null]);
});
