import type { Invocation } from './invocation.ts';
import { guard } from './log.ts';
import { isObject } from './loose.ts';
import { sendEnhanced } from './metrics/enhanced.ts';
import { currentInvocation, firstPatch } from './shared.ts';
import { nowMs } from './span/clock.ts';

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Notices the first byte of a streamed response. */
export function watchStream(invocation: Invocation, stream: unknown): void {
  patchPrelude();
  const target = stream as Record<string, unknown>;
  if (!isObject(stream) || typeof target['write'] !== 'function') return;
  const startMs = nowMs();
  let begun = false;
  for (const method of ['write', 'end']) {
    const original = target[method] as Method;
    target[method] = function (this: unknown, ...args: unknown[]): unknown {
      if (!begun) {
        begun = true;
        const elapsedMs = Math.round((nowMs() - startMs) * 1000) / 1000;
        guard('measure the first byte', () =>
          sendEnhanced(invocation, 'time_to_first_byte', elapsedMs),
        );
      }
      return original.apply(this, args);
    };
  }
}

/** The status of a streamed response is what the function gives the runtime's helper: the stream itself does not show it. */
function patchPrelude(): void {
  const helper = (globalThis as { awslambda?: { HttpResponseStream?: { from?: Method } } })
    .awslambda?.HttpResponseStream;
  const original = helper?.from;
  if (helper === undefined || original === undefined || !firstPatch('prelude')) return;
  helper.from = function (this: unknown, ...args: unknown[]): unknown {
    const status = (args[1] as { statusCode?: unknown } | undefined)?.statusCode;
    const invocation = currentInvocation();
    if (invocation !== undefined && (typeof status === 'number' || typeof status === 'string')) {
      invocation.streamedStatus = String(status);
    }
    return original.apply(this, args);
  };
}
