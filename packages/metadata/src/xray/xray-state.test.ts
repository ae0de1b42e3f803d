import { systemClock } from '@spanloom/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MetadataStore } from '../metadata-store.ts';
import { traceFromRow, traceToRow, type XRayTrace } from './xray-trace.ts';

const ID = { account: '111122223333', region: 'eu-west-1' };

function trace(xrayId: string, change: Partial<XRayTrace> = {}): XRayTrace {
  return {
    xrayId,
    ...ID,
    revision: 1,
    fetchedRevision: undefined,
    contentHash: undefined,
    state: 'new',
    writtenState: undefined,
    open: false,
    attempts: 0,
    absences: 0,
    priority: 'now',
    firstSeen: 1000,
    lastFetched: undefined,
    lastChanged: undefined,
    nextFetch: 2000,
    listedEnd: undefined,
    traceEnd: undefined,
    ...change,
  };
}

function open(): Promise<MetadataStore> {
  return MetadataStore.open(':memory:', { clock: systemClock });
}

async function save(store: MetadataStore, ...traces: XRayTrace[]): Promise<void> {
  const byId = new Map(traces.map((one) => [one.xrayId, one]));
  await store.xray.updateTraces(ID, [...byId.keys()], (xrayId) => byId.get(xrayId));
}

test('a trace comes back from its row as it was', () => {
  const time = fc.option(fc.nat(), { nil: undefined });
  fc.assert(
    fc.property(
      fc.record({
        state: fc.constantFrom('new', 'growing', 'stable', 'stalled', 'limit', 'missing'),
        open: fc.boolean(),
        priority: fc.constantFrom('now', 'backfill'),
        contentHash: fc.option(fc.string(), { nil: undefined }),
        writtenState: fc.constantFrom(undefined, 'stable', 'growing'),
        nextFetch: time,
        lastFetched: time,
        traceEnd: time,
        fetchedRevision: time,
      }),
      (change) => {
        const one = trace('1-a', change);
        expect(traceFromRow(traceToRow(one))).toEqual(one);
      },
    ),
  );
});

test('updateTraces() writes what is decided, and everything that goes along, or nothing', async () => {
  await using store = await open();
  const checkpoint = { sweep: 'hot', until: 7, lastRun: undefined };
  const usage = { month: '2026-11', scanned: 3, retrieved: 0 };
  await store.xray.updateTraces(
    ID,
    ['1-a', '1-b', '1-a'],
    (xrayId) => trace(xrayId),
    () => ({ checkpoint, usage }),
  );
  await store.xray.updateTraces(
    ID,
    ['1-a', '1-b', '1-c'],
    (xrayId, known) =>
      xrayId === '1-a' && known !== undefined
        ? { ...known, state: 'stable', nextFetch: undefined }
        : undefined,
    () => ({ usage }),
  );
  expect(await store.xray.trace('1-a')).toEqual(
    trace('1-a', { state: 'stable', nextFetch: undefined }),
  );
  expect(await store.xray.trace('1-b')).toEqual(trace('1-b'));
  expect(await store.xray.trace('1-c')).toBeUndefined();
  expect(await store.xray.usage(ID.account, '2026-11')).toEqual([
    { region: 'eu-west-1', month: '2026-11', scanned: 6, retrieved: 0 },
  ]);

  await expect(
    store.xray.updateTraces(
      ID,
      ['1-d'],
      (xrayId) => trace(xrayId),
      () => {
        throw new Error('no');
      },
    ),
  ).rejects.toThrow('no');
  expect(await store.xray.trace('1-d')).toBeUndefined();
});

test('updateTraces() takes thousands of ids, and first seen never changes', async () => {
  await using store = await open();
  const ids = Array.from({ length: 2500 }, (_, index) => `1-${index}`);
  await store.xray.updateTraces(ID, ids, (xrayId) => trace(xrayId));
  await store.xray.updateTraces(
    ID,
    ids,
    (_, known) => known && { ...known, state: 'stable', firstSeen: 5 },
  );
  expect(await store.xray.countStates(ID)).toEqual({ stable: 2500 });
  expect((await store.xray.trace('1-2499'))?.firstSeen).toBe(1000);
});

test("two updates at once see each other's result", async () => {
  await using store = await open();
  await save(store, trace('1-a'));
  const add = (): Promise<void> =>
    store.xray.updateTraces(
      ID,
      ['1-a'],
      (_, known) => known && { ...known, attempts: known.attempts + 1 },
    );
  await Promise.all(Array.from({ length: 20 }, add));
  expect((await store.xray.trace('1-a'))?.attempts).toBe(20);
});

test('dueTraces() gives what is due in its region and priority, the longest due first', async () => {
  await using store = await open();
  await save(
    store,
    trace('1-late', { nextFetch: 3000 }),
    trace('1-soon', { nextFetch: 1000 }),
    trace('1-done', { nextFetch: undefined }),
    trace('1-future', { nextFetch: 5001 }),
    trace('1-old', { nextFetch: 10, priority: 'backfill' }),
    trace('1-elsewhere', { nextFetch: 10, region: 'us-east-1' }),
  );
  const due = async (priority: 'now' | 'backfill', limit: number): Promise<string[]> =>
    (await store.xray.dueTraces(ID, { before: 5000, limit, priority })).map(({ xrayId }) => xrayId);
  expect(await due('now', 10)).toEqual(['1-soon', '1-late']);
  expect(await due('now', 1)).toEqual(['1-soon']);
  expect(await due('backfill', 10)).toEqual(['1-old']);
});

test('countStates() follows traces from state to state and from region to region', async () => {
  await using store = await open();
  await save(store, trace('1-a'), trace('1-b'), trace('1-c'));
  await save(
    store,
    trace('1-a', { state: 'stable' }),
    trace('1-b', { region: 'us-east-1' }),
    trace('1-c'),
  );
  expect(await store.xray.countStates(ID)).toEqual({ new: 1, stable: 1 });
  expect(await store.xray.countStates({ ...ID, region: 'us-east-1' })).toEqual({ new: 1 });
});

const growth = (known: number, listed: number): number => listed - known;

test('another source of a trace opens it again until it is known to be a copy', async () => {
  await using store = await open();
  await save(store, trace('1-a', { state: 'stable', nextFetch: undefined }));
  const other = { account: ID.account, region: 'us-east-1' };
  const list = async (revision: number): Promise<string[]> => {
    const events: string[] = [];
    await store.xray.updateTraces(
      other,
      [],
      () => undefined,
      () => ({
        elsewhere: {
          revisions: new Map([['1-a', revision]]),
          growth,
          onCopy: () => events.push('copy'),
          reopen: (known) => {
            events.push(`opened ${known.state}`);
            return { ...known, nextFetch: 9 };
          },
        },
      }),
    );
    return events;
  };
  expect(await list(1)).toEqual(['opened stable']);
  expect((await store.xray.trace('1-a'))?.nextFetch).toBe(9);
  const source = { xrayId: '1-a', ...other, kind: 'unknown' } as const;
  expect(await store.xray.sources(['1-a', '1-b'])).toEqual([source]);
  await store.xray.saveSource({ ...source, kind: 'part' });
  expect(await list(1)).toEqual([]);
  expect(await list(2)).toEqual(['opened stable']);
  expect(await store.xray.sources(['1-a'])).toEqual([{ ...source, kind: 'part' }]);
  await store.xray.saveSource({ ...source, kind: 'copy' });
  expect(await list(3)).toEqual(['copy']);
  expect(await store.xray.sources(['1-a'])).toEqual([]);
  // Still ahead of the trace at a second listing: it may have become a part.
  expect(await list(3)).toEqual(['opened stable']);
  expect(await store.xray.sources(['1-a'])).toEqual([source]);
  await store.xray.pruneTraces(5000, 10);
  expect(await list(4)).toEqual([]);
});

test('a copy that grows with its trace stays one', async () => {
  await using store = await open();
  const other = { account: ID.account, region: 'us-east-1' };
  const list = async (revision: number): Promise<string> => {
    let said = 'opened';
    const elsewhere = {
      revisions: new Map([['1-a', revision]]),
      growth,
      onCopy: () => (said = 'copy'),
      reopen: () => undefined,
    };
    await store.xray.updateTraces(
      other,
      [],
      () => undefined,
      () => ({ elsewhere }),
    );
    return said;
  };
  await save(store, trace('1-a', { revision: 4 }));
  expect(await list(9)).toBe('opened');
  await store.xray.saveSource({ xrayId: '1-a', ...other, kind: 'copy', ownerRevision: 4 });
  expect(await list(10)).toBe('copy');
  await save(store, trace('1-a', { revision: 5 }));
  expect(await list(10)).toBe('copy');
  expect(await list(11)).toBe('copy');
  expect(await list(11)).toBe('opened');
});

test('what a source last added is kept until it adds something else', async () => {
  await using store = await open();
  await save(store, trace('1-a'));
  const source = { xrayId: '1-a', account: ID.account, region: 'us-east-1', kind: 'part' } as const;
  const elsewhere = {
    revisions: new Map([['1-a', 1]]),
    growth,
    onCopy: () => undefined,
    reopen: () => undefined,
  };
  await store.xray.updateTraces(
    source,
    [],
    () => undefined,
    () => ({ elsewhere }),
  );
  await store.xray.saveSource({ ...source, documents: ['{"id":"ü"}', ''] });
  await store.xray.saveSource(source);
  expect(await store.xray.sources(['1-a'])).toEqual([{ ...source, documents: ['{"id":"ü"}', ''] }]);
});

test('waiting() counts traces that were never fetched, up to a limit', async () => {
  await using store = await open();
  await save(
    store,
    trace('1-a'),
    trace('1-b'),
    trace('1-c', { state: 'growing' }),
    trace('1-d', { priority: 'backfill' }),
  );
  expect(await store.xray.waiting(ID, 'now', 100)).toBe(2);
  expect(await store.xray.waiting(ID, 'now', 1)).toBe(1);
  expect(await store.xray.waiting(ID, 'backfill', 100)).toBe(1);
});

test('pruneTraces() forgets what was first seen before, so many at a time', async () => {
  await using store = await open();
  await save(
    store,
    trace('1-a', { firstSeen: 1 }),
    trace('1-b', { firstSeen: 2 }),
    trace('1-c', { firstSeen: 3 }),
  );
  expect(await store.xray.pruneTraces(3, 1)).toBe(1);
  expect(await store.xray.pruneTraces(3, 10)).toBe(1);
  expect(await store.xray.pruneTraces(3, 10)).toBe(0);
  expect(await store.xray.trace('1-c')).toBeDefined();
  expect(await store.xray.countStates(ID)).toEqual({ new: 1 });
});

test('facts and permissions of a region replace what was known', async () => {
  await using store = await open();
  expect(await store.xray.region(ID)).toBeUndefined();
  const facts = {
    mode: 'classic',
    modeChecked: 1,
    permissionsChecked: undefined,
    lastSuccess: 2,
    overBudget: undefined,
    readSince: 1,
  } as const;
  await store.xray.saveRegion(ID, { ...facts, mode: 'unknown' });
  await store.xray.saveRegion(ID, facts);
  expect(await store.xray.region(ID)).toEqual(facts);
  const permission = {
    action: 'xray:GetTraceSummaries',
    required: true,
    purpose: 'list traces',
    status: 'allowed',
    message: undefined,
  } as const;
  const denied = {
    ...permission,
    action: 'xray:BatchGetTraces',
    status: 'denied',
    message: 'no',
  } as const;
  await store.xray.savePermissions(ID, [permission]);
  await store.xray.savePermissions(ID, [permission, denied]);
  expect(await store.xray.permissions(ID)).toEqual([denied, permission]);
});

test('backfills are taken up oldest first, a running one before those that wait', async () => {
  await using store = await open();
  const { xrayBackfills } = store;
  const backfill = (id: string, created: number) =>
    ({
      id,
      ...ID,
      from: 0,
      to: 100,
      listedDownTo: 100,
      state: 'queued',
      traces: 0,
      error: undefined,
      created,
    }) as const;
  for (const one of [backfill('b', 2), backfill('a', 1), backfill('c', 3)])
    await xrayBackfills.add(one);
  expect((await xrayBackfills.next(ID))?.id).toBe('a');
  await xrayBackfills.setState('c', 'running');
  expect((await xrayBackfills.next(ID))?.id).toBe('c');
  await store.xray.updateTraces(
    ID,
    [],
    () => undefined,
    () => ({ backfill: { id: 'c', listedDownTo: 40, traces: 9 } }),
  );
  expect(await xrayBackfills.get('c')).toEqual({
    ...backfill('c', 3),
    state: 'running',
    listedDownTo: 40,
    traces: 9,
  });
  expect(await xrayBackfills.setState('c', 'failed', 'why')).toBe(true);
  expect(await xrayBackfills.setState('c', 'done')).toBe(false);
  expect(await xrayBackfills.get('c')).toMatchObject({ state: 'failed', error: 'why' });
  expect((await xrayBackfills.list(ID, 2)).map(({ id }) => id)).toEqual(['c', 'b']);
  expect(await xrayBackfills.get('none')).toBeUndefined();
});
