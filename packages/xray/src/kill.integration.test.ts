import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LocalXRay } from '@spanloom/local-xray';
import { many } from '@spanloom/local-xray/scenes';
import { expect, onTestFinished, test } from 'vitest';
import type { Written } from './testing/harness.ts';
import { hashOf, PLACE } from './testing/local-world.ts';

const TRACES = 1500;

test('a crawler whose process is killed again and again has every trace in the end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spanloom-kill-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await using xray = await LocalXRay.start({ pageSize: 20 });
  const now = Date.now();
  const ids: string[] = [];
  const load = { from: now - 12 * 60_000, to: now - 60_000, growing: 0, ...PLACE };
  for (const { traceId, steps } of many(TRACES, 'kill', load)) {
    ids.push(traceId);
    xray.grow(PLACE.account, PLACE.region, steps);
  }

  let kills = 0;
  for (let ended = false; !ended;) {
    const child = spawn(
      process.execPath,
      [
        '--conditions=@spanloom/source',
        join(import.meta.dirname, 'testing', 'crawl-to-file.ts'),
        xray.url,
        folder,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString()));
    const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
    // Killed at another moment each time; from the eighth time on it may end.
    const fuse = new AbortController();
    if (kills < 8) {
      const ms = 700 + kills * 150;
      void sleep(ms, undefined, { signal: fuse.signal }).then(
        () => child.kill('SIGKILL'),
        () => undefined,
      );
    }
    const [code] = await exit;
    fuse.abort();
    if (code === null) kills++;
    else if (code !== 0) throw new Error(said);
    else ended = true;
  }

  const lines = readFileSync(join(folder, 'records.jsonl'), 'utf8').split('\n');
  const stored = new Map<string, Written>();
  for (const line of lines) {
    // A line that was cut short was never acknowledged, and what follows it begins in the middle of a line.
    const start = line.lastIndexOf('{"trace_id":"1-');
    if (start === -1) continue;
    try {
      const record = JSON.parse(line.slice(start)) as Written;
      stored.set(record.trace_id, record);
    } catch {
      // Cut short.
    }
  }
  expect(kills).toBeGreaterThan(2);
  expect([...stored.keys()].toSorted()).toEqual(ids.toSorted());
  const region = xray.region(PLACE.account, PLACE.region);
  for (const [id, { documents }] of stored) {
    const compiled = region
      .compiled(id)
      .map((one) => ('document' in one ? JSON.stringify(one.document) : one.verbatim));
    expect(hashOf(documents)).toBe(hashOf(compiled));
  }
  console.log(`${kills} kills, ${lines.length - 1} records of ${TRACES} traces`);
}, 180_000);
