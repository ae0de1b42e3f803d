import { setTimeout as sleep } from 'node:timers/promises';
import { SpanloomError } from '@spanloom/base';
import type { LiveDropped, LiveRate, SpanEventAttributes } from '@spanloom/contract';
import { choiceOption } from '../choice-option.ts';
import type { Call } from '../command.ts';
import { readEvents, type StreamEvent } from '../event-stream.ts';
import { countOf } from '../format-values.ts';
import { numberOption } from '../number-option.ts';
import { explainQueryProblem } from '../query-problem.ts';
import { ServerError } from '../server-client.ts';
import { spanLine } from '../span-line.ts';

const DEFAULT_BACKFILL = 10;
/** The server says how much comes in every second. */
const SILENCE_MS = 15_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** `spanloom tail`: goes on until it is told to stop, which is how it is meant to end. */
export async function runTail(call: Call): Promise<number> {
  const query = call.argument('query');
  const params = readParams(call, query);
  let lastId: string | undefined;
  let waitMs = FIRST_WAIT_MS;
  let connected = false;
  while (!call.stop.aborted) {
    try {
      const body = await call.server.stream(`/api/live/spans?${params.toString()}`, {
        accept: 'text/event-stream',
        ...(lastId === undefined ? {} : { 'last-event-id': lastId }),
      });
      connected = true;
      for await (const event of readEvents(body, SILENCE_MS)) {
        waitMs = FIRST_WAIT_MS;
        lastId = event.id ?? lastId;
        await show(call, event);
      }
      if (!call.stop.aborted) call.output.note('The server ended the stream; connecting again');
    } catch (error) {
      if (call.stop.aborted) break;
      if (!connected || isFinal(error)) {
        throw call.json ? error : explainQueryProblem(error, query);
      }
      call.output.note(`Connection lost (${reasonOf(error)}); connecting again`);
    }
    await sleep(waitMs, undefined, { signal: call.stop }).catch(() => undefined);
    waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS);
  }
  return 0;
}

function readParams(call: Call, query: string): URLSearchParams {
  const params = new URLSearchParams({
    query,
    scope: choiceOption(call, 'scope', ['all', 'entry', 'root']),
    backfill: String(numberOption(call, 'backfill', 0) ?? DEFAULT_BACKFILL),
  });
  const env = call.option('env');
  const rate = numberOption(call, 'rate', 1);
  if (env !== undefined) params.set('env', env);
  if (rate !== undefined) params.set('rate', String(rate));
  return params;
}

async function show(call: Call, event: StreamEvent): Promise<void> {
  const { output } = call;
  switch (event.name) {
    case 'span':
      await output.line(
        call.json ? event.data : spanLine(JSON.parse(event.data) as SpanEventAttributes, output),
      );
      return;
    case 'dropped': {
      const { count, reason } = JSON.parse(event.data) as LiveDropped;
      output.note(`${countOf(count, 'matching span')} not shown: ${DROPPED[reason]}`);
      return;
    }
    case 'rate': {
      const rate = JSON.parse(event.data) as LiveRate;
      // Only where the line can be written over: in a file it would be noise.
      if (process.stderr.isTTY) {
        output.progress(
          `${rate.spans_per_second} spans/s arrive, ${rate.matches_per_second} match`,
        );
      }
      return;
    }
    default:
  }
}

const DROPPED: Readonly<Record<LiveDropped['reason'], string>> = {
  rate: 'more than --rate asks for',
  slow: 'this terminal does not keep up',
  resume: 'too many came while the connection was away',
};

/** Whether trying again would get the same answer. */
function isFinal(error: unknown): boolean {
  return error instanceof ServerError && error.status < 500 && error.status !== 429;
}

function reasonOf(error: unknown): string {
  return error instanceof SpanloomError ? error.message : (error as Error).message;
}
