import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { MsgpackWriter } from '@spanloom/codec';

/** One trace of the load: which of its spans were sent, and which of these were acknowledged. */
export interface LoadedTrace {
  readonly traceId: bigint;
  readonly sent: Set<string>;
  readonly acknowledged: Set<string>;
}

const SENDERS = 8;
/** Without a pause a round makes more spans than can be checked in the time of a test. */
const PAUSE_MS = 3;

/** Sends payloads from several connections at once until it is stopped, each payload exactly once. */
export class Load {
  readonly traces: readonly LoadedTrace[];
  /** Payloads refused for want of room. */
  refused = 0;
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #senders: Promise<void>[];
  #stopped = false;

  /** @param round Makes the ids of this load different from those of any other. */
  constructor(port: number, round: number) {
    this.#port = port;
    this.traces = Array.from({ length: SENDERS }, (_, sender) => ({
      traceId: (BigInt(round) << 16n) | BigInt(sender + 1),
      sent: new Set<string>(),
      acknowledged: new Set<string>(),
    }));
    this.#senders = this.traces.map((trace) => this.#send(trace));
  }

  get acknowledged(): number {
    return this.traces.reduce((sum, { acknowledged }) => sum + acknowledged.size, 0);
  }

  /** Ends the load. What is in flight is waited for. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#senders);
    this.#agent.destroy();
  }

  async #send(trace: LoadedTrace): Promise<void> {
    for (let payload = 0; !this.#stopped; payload++) {
      const spans = Array.from({ length: 1 + ((payload * 7) % 30) }, (_, index) => {
        const id = (trace.traceId << 24n) | (BigInt(payload) << 6n) | BigInt(index + 1);
        return id.toString(16).padStart(16, '0');
      });
      for (const span of spans) trace.sent.add(span);
      const status = await this.#post(agentPayload(trace.traceId, spans));
      // The connection broke, so nobody knows what became of the payload: the server is gone.
      if (status === undefined) return;
      if (status === 200) for (const span of spans) trace.acknowledged.add(span);
      else if (status === 429) this.refused++;
      else throw new Error(`The server answered ${status} to a good payload`);
      await sleep(PAUSE_MS);
    }
  }

  #post(body: Uint8Array): Promise<number | undefined> {
    return new Promise((resolve) => {
      const sending = request(
        {
          agent: this.#agent,
          host: '127.0.0.1',
          port: this.#port,
          path: '/v0.4/traces',
          method: 'PUT',
          headers: {
            'Content-Type': 'application/msgpack',
            'Content-Length': body.length,
            'X-Datadog-Trace-Count': '1',
            // Without it, a payload that is refused is answered like one that is taken.
            'Datadog-Send-Real-Http-Status': 'true',
          },
        },
        (response) => {
          response.on('error', () => resolve(undefined));
          // The status alone is the acknowledgement; the rest of the answer may be lost with the server.
          resolve(response.statusCode);
          response.resume();
        },
      );
      sending.on('error', () => resolve(undefined));
      sending.end(body);
    });
  }
}

/** One chunk in the format of agent traces v0.4. */
function agentPayload(traceId: bigint, spanIds: readonly string[]): Uint8Array {
  const writer = new MsgpackWriter();
  const start = BigInt(Date.now()) * 1_000_000n;
  writer.array(1);
  writer.array(spanIds.length);
  for (const [index, id] of spanIds.entries()) {
    writer.map(9);
    writer.text('trace_id');
    writer.bigint(traceId);
    writer.text('span_id');
    writer.bigint(BigInt(`0x${id}`));
    writer.text('parent_id');
    writer.bigint(index === 0 ? 0n : BigInt(`0x${spanIds[0]}`));
    writer.text('service');
    writer.text('crash');
    writer.text('name');
    writer.text('work');
    writer.text('resource');
    writer.text(`step ${index}`);
    writer.text('start');
    writer.bigint(start + BigInt(index));
    writer.text('duration');
    writer.int(1000);
    writer.text('meta');
    writer.map(2);
    writer.text('env');
    writer.text('crash');
    writer.text('filler');
    writer.text('x'.repeat(100));
  }
  return Uint8Array.from(writer.out.view());
}
