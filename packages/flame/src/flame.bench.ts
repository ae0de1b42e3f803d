import { bench, describe } from 'vitest';
import { criticalPath } from './critical-path.ts';
import { execTime, selfTime } from './exec-time.ts';
import { packRows } from './pack-rows.ts';
import { largeTrace } from './test-spans.ts';
import { buildTraceModel } from './trace-model.ts';
import { branchRows, waterfallRows } from './waterfall-rows.ts';

const spans = largeTrace(100_000);
const model = buildTraceModel(spans);
const rows = packRows(model);
for (let line = 0; line < rows.lines; line++) {
  for (let i = rows.lineStart[line]! + 1; i < rows.lineStart[line + 1]!; i++) {
    if (model.end[rows.items[i - 1]!]! > model.start[rows.items[i]!]!)
      throw new Error('packing overlaps');
  }
}
const branches = branchRows(model);

describe('a trace of 100 000 spans', () => {
  bench('buildTraceModel', () => void buildTraceModel(spans));
  bench('packRows', () => void packRows(model));
  bench('execTime', () => void execTime(model));
  bench('selfTime', () => void selfTime(model));
  bench('criticalPath', () => void criticalPath(model));
  bench('waterfallRows, all open', () => void waterfallRows(model, new Set()));
  bench('waterfallRows, all collapsed', () => void waterfallRows(model, branches));
});
