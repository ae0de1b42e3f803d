import { setTimeout as sleep } from 'node:timers/promises';
import type { Call } from '../command.ts';
import { type ExportOrder, openExport, type ExportTarget } from '../export-target.ts';
import { countOf, formatBytes, formatTime } from '../format-values.ts';
import { numberOption } from '../number-option.ts';
import { explainQueryProblem } from '../query-problem.ts';
import { searchSpans } from '../search-spans.ts';
import { ServerError, UnreachableError } from '../server-client.ts';

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 500;

/** `spanloom export` */
export async function runExport(call: Call): Promise<number> {
  const order = readOrder(call);
  const target = await openExport(call, order);
  try {
    await copyPages(call, target);
    await target.complete();
  } catch (error) {
    throw call.json ? error : explainQueryProblem(error, order.query);
  } finally {
    await target.close();
  }
  const { path, spans, bytes } = target;
  if (path !== undefined) {
    call.output.note(`Exported ${countOf(spans, 'span')} to ${path} (${formatBytes(bytes)})`);
  }
  return 0;
}

function readOrder(call: Call): ExportOrder {
  return {
    query: call.argument('query'),
    from: call.option('from') ?? 'now-15m',
    to: call.option('to') ?? 'now',
    limit: numberOption(call, 'limit', 1) ?? null,
  };
}

/** Reads page after page; each is on disk, and so is how far that is, before the next is asked for. */
async function copyPages(call: Call, target: ExportTarget): Promise<void> {
  let failures = 0;
  for (;;) {
    try {
      const pages = searchSpans(call.server, {
        query: target.order.query,
        // Fixed once, when the export began: `now` would move from page to page.
        from: String(target.range.from),
        to: String(target.range.to),
        order: 'oldest',
        limit: (target.order.limit ?? Number.POSITIVE_INFINITY) - target.spans,
        cursor: target.cursor,
      });
      for await (const page of pages) {
        failures = 0;
        await target.append(
          page.data.map(({ attributes }) => `${JSON.stringify(attributes)}\n`).join(''),
          page.data.length,
          page.meta.page.after,
        );
        showProgress(call, target, page.data.at(-1)?.attributes.start_timestamp);
        call.stop.throwIfAborted();
      }
      return;
    } catch (error) {
      failures++;
      // Nothing has worked yet: it is the address or the token, and waiting will not help.
      const nothingYet = target.spans === 0 && error instanceof UnreachableError;
      if (!isPassing(error) || nothingYet || failures === ATTEMPTS) throw error;
      call.output.note(`${(error as Error).message}; trying again`);
      await sleep(FIRST_WAIT_MS * 2 ** (failures - 1), undefined, { signal: call.stop });
    }
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof UnreachableError) return true;
  return error instanceof ServerError && (error.status >= 500 || error.status === 429);
}

function showProgress(call: Call, target: ExportTarget, reached: string | undefined): void {
  if (reached === undefined) return;
  const { from, to } = target.range;
  const share = Math.min(1, Math.max(0, (Date.parse(reached) - from) / Math.max(1, to - from)));
  call.output.progress(
    `${countOf(target.spans, 'span')}, ${formatBytes(target.bytes)}, up to ${formatTime(reached).slice(0, 19)} UTC (${Math.floor(share * 100)} %)`,
  );
}
