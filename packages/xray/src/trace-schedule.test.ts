import type { XRayTrace } from '@spanloom/metadata';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  decideAbsence,
  decideFetch,
  decideListing,
  type FetchResult,
  type ListingContext,
} from './trace-schedule.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const T0 = 1_700_000_000_000;

const CONTEXT: ListingContext = {
  account: '111122223333',
  region: 'eu-west-1',
  now: T0,
  priority: 'now',
  isRead: () => true,
};

function listed(revision = 1): XRayTrace {
  return decideListing(undefined, { xrayId: '1-a', revision, endMs: T0 }, CONTEXT).trace!;
}

function result(change: Partial<FetchResult> = {}): FetchResult {
  return {
    contentHash: 'one',
    open: false,
    limitExceeded: false,
    endMs: T0,
    revision: 1,
    now: T0 + 15 * SECOND,
    ...change,
  };
}

/** Fetches whenever it is due, the same each time, and tells after how many seconds each fetch was and what came of it. */
function follow(
  trace: XRayTrace,
  change: (fetch: number) => Partial<FetchResult>,
): [number, string, boolean][] {
  const steps: [number, string, boolean][] = [];
  for (let fetch = 0; trace.nextFetch !== undefined && fetch < 20; fetch++) {
    const now = trace.nextFetch;
    const decision = decideFetch(
      trace,
      result({ now, revision: trace.revision, ...change(fetch) }),
    );
    trace = decision.trace;
    steps.push([(now - T0) / SECOND, trace.state, decision.write]);
  }
  return steps;
}

test('a trace is first fetched 15 s after it is first seen', () => {
  expect(listed()).toMatchObject({ state: 'new', nextFetch: T0 + 15 * SECOND, firstSeen: T0 });
});

test('a finished trace is stable at once', () => {
  expect(follow(listed(), () => ({}))).toEqual([[15, 'stable', true]]);
});

test('an open trace is fetched after 30, 60, 120 and 300 s, and stalls 15 min after its last change', () => {
  expect(follow(listed(), () => ({ open: true }))).toEqual([
    [15, 'growing', true],
    [45, 'growing', false],
    [105, 'growing', false],
    [225, 'growing', false],
    [525, 'growing', false],
    [915, 'stalled', true],
  ]);
});

test('a trace that finishes is looked at once more a minute later', () => {
  expect(
    follow(listed(), (fetch) => (fetch === 0 ? { open: true } : { contentHash: 'two' })),
  ).toEqual([
    [15, 'growing', true],
    [45, 'growing', true],
    [105, 'stable', false],
  ]);
});

test('a trace whose listing knows of a later end than its documents is not believed to be whole', () => {
  const known = { ...listed(), listedEnd: T0 + 10 * SECOND };
  expect(decideFetch(known, result({ endMs: T0 + 8400 })).trace).toMatchObject({
    state: 'growing',
    open: true,
  });
  expect(decideFetch(known, result({ endMs: T0 + 8500 })).trace).toMatchObject({
    state: 'stable',
    open: false,
  });
});

test('an open trace that ended long ago is shown as it is at once', () => {
  expect(decideFetch(listed(), result({ open: true, endMs: T0 - 16 * MINUTE }))).toMatchObject({
    trace: { state: 'stalled', nextFetch: undefined },
    write: true,
  });
});

test('a trace that AWS has cut is written with that, and is not followed', () => {
  const { trace } = decideFetch(listed(), result({ limitExceeded: true, open: true }));
  expect(trace).toMatchObject({ state: 'limit', nextFetch: undefined, writtenState: 'limit' });
  expect(decideListing(trace, { xrayId: '1-a', revision: 9, endMs: T0 }, CONTEXT)).toMatchObject({
    event: 'known',
    trace: { state: 'limit', nextFetch: undefined },
  });
});

test('a revision that rises during a fetch makes for another', () => {
  const during = { ...listed(), revision: 2 };
  expect(decideFetch(during, result({ revision: 1 })).trace).toMatchObject({
    state: 'growing',
    nextFetch: T0 + 45 * SECOND,
  });
});

test.each([
  ['stable', 1, 'known', undefined],
  ['stable', 2, 'reopened', T0],
  ['stalled', 2, 'reopened', T0],
  ['missing', 2, 'reopened', T0],
  ['missing', 1, 'known', undefined],
] as const)(
  'a %s trace that is listed with revision %i is %s',
  (state, revision, event, nextFetch) => {
    const known: XRayTrace = {
      ...listed(),
      state,
      nextFetch: undefined,
      lastFetched: T0 - MINUTE,
      contentHash: 'one',
      absences: 5,
    };
    const decision = decideListing(known, { xrayId: '1-a', revision, endMs: T0 }, CONTEXT);
    expect(decision.event).toBe(event);
    expect(decision.trace?.nextFetch).toBe(nextFetch);
  },
);

test.each([
  ['a log record after a count', 7, T0],
  ['a count after a log record', T0, 7],
])('%s counts as growth', (_, before, after) => {
  const known: XRayTrace = {
    ...listed(before),
    state: 'stable',
    nextFetch: undefined,
    contentHash: 'one',
  };
  const listing = { xrayId: '1-a', revision: after, endMs: undefined };
  const decision = decideListing(known, listing, CONTEXT);
  expect(decision).toMatchObject({
    event: 'reopened',
    trace: { state: 'growing', revision: after, nextFetch: T0 },
  });
  expect(decideListing(decision.trace, listing, CONTEXT)).toMatchObject({ trace: undefined });
  // A fetch that began before the change does not answer it.
  expect(decideFetch(decision.trace!, result({ revision: before })).trace.state).toBe('growing');
});

test('a growing trace with a new revision is fetched sooner, never later', () => {
  const listing = { xrayId: '1-a', revision: 2, endMs: T0 };
  const far = { ...listed(), state: 'growing' as const, nextFetch: T0 + 5 * MINUTE };
  expect(decideListing(far, listing, CONTEXT).trace?.nextFetch).toBe(T0 + 15 * SECOND);
  const near = { ...far, nextFetch: T0 + SECOND };
  expect(decideListing(near, listing, CONTEXT).trace?.nextFetch).toBe(T0 + SECOND);
});

test("another region's trace is a duplicate, unless that region is read no more", () => {
  const listing = { xrayId: '1-a', revision: 2, endMs: T0 };
  const elsewhere = { ...CONTEXT, region: 'us-east-1' };
  expect(decideListing(listed(), listing, elsewhere)).toEqual({
    event: 'duplicate',
    trace: undefined,
  });
  expect(decideListing(listed(), listing, { ...elsewhere, isRead: () => false })).toMatchObject({
    event: 'reopened',
    trace: { region: 'us-east-1', nextFetch: T0 },
  });
});

test('a trace that is never returned is given up after five tries, and has two more chances', () => {
  let trace = listed();
  const times: number[] = [];
  for (let round = 0; round < 4; round++) {
    while (trace.nextFetch !== undefined) {
      times.push((trace.nextFetch - T0) / SECOND);
      trace = decideAbsence(trace, trace.nextFetch);
    }
    expect(trace.state).toBe('missing');
    const now = T0 + (round + 1) * 20 * MINUTE;
    const again = decideListing(
      trace,
      { xrayId: '1-a', revision: 1, endMs: T0 },
      { ...CONTEXT, now },
    );
    trace = again.trace ?? trace;
  }
  expect(times.slice(0, 5)).toEqual([15, 25, 45, 85, 165]);
  expect(times).toHaveLength(15);
});

test('a trace that was stored and is not returned any more stays as it is', () => {
  let trace = decideFetch(listed(), result()).trace;
  for (let time = 1; time <= 5; time++) trace = decideAbsence(trace, T0 + time * MINUTE);
  expect(trace).toMatchObject({ state: 'stable', nextFetch: undefined });
});

test('whatever happens to a trace, it comes to rest, and its last content is what was written', () => {
  const step = fc.record({
    hash: fc.constantFrom('a', 'b', 'c'),
    open: fc.boolean(),
    revision: fc.nat(2),
    absent: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), step, (steps, last) => {
      let trace = listed();
      let written: string | undefined;
      let fetched: string | undefined;
      for (let fetch = 0; fetch < 60 && trace.nextFetch !== undefined; fetch++) {
        const { hash, open, revision, absent } = steps[fetch] ?? {
          ...last,
          revision: 0,
          absent: false,
        };
        const now = trace.nextFetch;
        const before = trace.revision;
        trace =
          decideListing(
            trace,
            { xrayId: '1-a', revision: before + revision, endMs: undefined },
            { ...CONTEXT, now },
          ).trace ?? trace;
        if (absent) {
          trace = decideAbsence(trace, now);
          continue;
        }
        const decision = decideFetch(
          trace,
          result({ contentHash: hash, open, now, revision: trace.revision }),
        );
        trace = decision.trace;
        fetched = hash;
        if (decision.write) written = hash;
        expect(trace.nextFetch === undefined || trace.nextFetch > now).toBe(true);
      }
      expect(trace.nextFetch).toBeUndefined();
      expect(written).toBe(fetched);
      expect(['stable', 'stalled', 'missing']).toContain(trace.state);
    }),
  );
});
