import { connect } from 'node:net';
import { type Clock, type EpochMillis } from '@spanloom/base';
import { type DecodeOutcome, type IntakeRecord, newOutcome } from '@spanloom/model';
import { Registry } from 'prom-client';
import { Intake, type OwnRoutes } from './intake.ts';
import type { IntakeOptions } from './intake-options.ts';
import type { Listener } from './listener.ts';
import {
  startAgentListener,
  startOtlpGrpcListener,
  startOtlpHttpListener,
  startSharedListener,
} from './listeners.ts';
import type { RecordSink } from './record-sink.ts';

/** Keeps what it is given; `answer` may be replaced to fail, wait, or report an outcome. */
class RecordingSink implements RecordSink {
  readonly records: IntakeRecord[] = [];
  answer: (record: IntakeRecord) => DecodeOutcome | Promise<DecodeOutcome> = () => newOutcome();

  async accept(record: IntakeRecord): Promise<DecodeOutcome> {
    this.records.push(record);
    return this.answer(record);
  }

  /** The last record, or a failure that says there was none. */
  get last(): IntakeRecord {
    const record = this.records.at(-1);
    if (record === undefined) throw new Error('the sink was not given anything');
    return record;
  }
}

/** An intake with real sockets on free ports of the loopback address. */
export interface TestIntake extends AsyncDisposable {
  readonly intake: Intake;
  readonly sink: RecordingSink;
  readonly registry: Registry;
  /** Errors reported as ours. */
  readonly reported: unknown[];
  readonly agent: Listener;
  readonly otlp: Listener;
  readonly grpc: Listener;
  readonly shared: Listener;
  /** Requests a path of the agent port. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  fetchOtlp(path: string, init?: RequestInit): Promise<Response>;
  fetchShared(path: string, init?: RequestInit): Promise<Response>;
  /** Value of a counter sample; 0 when it never moved. */
  counter(name: string, labels?: Record<string, string>): Promise<number>;
}

/** 2026-11-20T12:00:00Z */
export const NOW_MS = 1_795_176_000_000 as EpochMillis;
const clock: Clock = { now: () => NOW_MS };

function fetchOn(listener: Listener): TestIntake['fetch'] {
  return (path, init = {}) => fetch(`http://${listener.address}${path}`, init);
}

/** Opens an intake on all four ports. The shared port answers `418` for what the intake leaves. */
export async function openIntake(
  options: Partial<Omit<IntakeOptions, 'sink'>> & { ownRoutes?: OwnRoutes; sink?: RecordSink } = {},
): Promise<TestIntake> {
  const sink = new RecordingSink();
  const registry = new Registry();
  const reported: unknown[] = [];
  const { ownRoutes = () => false, ...rest } = options;
  const intake = new Intake({
    sink,
    registry,
    clock,
    keys: [],
    openAgentRoutes: true,
    reportError: (error) => reported.push(error),
    ...rest,
  });
  const address = { host: '127.0.0.1', port: 0, closeTimeoutMs: 200 };
  const agent = await startAgentListener(intake, address);
  const otlp = await startOtlpHttpListener(intake, address);
  const grpc = await startOtlpGrpcListener(intake, address);
  const shared = await startSharedListener(intake, address, (request, response) => {
    if (intake.handleSharedPort(request, response, ownRoutes)) return;
    request.resume();
    response.writeHead(418).end('not the intake');
  });
  return {
    intake,
    sink,
    registry,
    reported,
    agent,
    otlp,
    grpc,
    shared,
    fetch: fetchOn(agent),
    fetchOtlp: fetchOn(otlp),
    fetchShared: fetchOn(shared),
    async counter(name, labels = {}) {
      const metric = registry.getSingleMetric(`spanloom_receiver_${name}`);
      if (metric === undefined) throw new Error(`there is no counter ${name}`);
      const { values } = await metric.get();
      return values
        .filter((sample) =>
          Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
        )
        .reduce((sum, { value }) => sum + value, 0);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(
        [agent, otlp, grpc, shared].map((listener) => listener[Symbol.asyncDispose]()),
      );
    },
  };
}

/** A msgpack request: `PUT` with the headers a tracer sends. */
export function msgpack(
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): RequestInit {
  return { method: 'PUT', body, headers: { 'content-type': 'application/msgpack', ...headers } };
}

/** One empty trace: `[[]]`. */
export const ONE_TRACE: Uint8Array<ArrayBuffer> = new Uint8Array([0x91, 0x90]);

/** Sends raw bytes and gathers what comes back until the server closes or `untilMs` have passed. */
export function rawExchange(port: number, bytes: string, untilMs = 300): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    const timer = setTimeout(() => socket.destroy(), untilMs);
    socket.on('data', (chunk) => (received += chunk.toString('latin1')));
    socket.on('error', reject);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
  });
}
