import type { ListenerJson } from '@spanloom/contract';

/** A listening socket. Disposing it refuses newcomers, lets running requests end, then closes. */
export interface Listener extends AsyncDisposable {
  readonly name: ListenerJson['name'];
  /** `host:port` it really listens on. */
  readonly address: string;
  readonly port: number;
}

/** Where and how to listen. */
export interface ListenOptions {
  readonly name: ListenerJson['name'];
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** The setting that names the port, for error messages. */
  readonly setting: string;
  /** How long running requests may take to end when the listener closes. Default 10 s. */
  readonly closeTimeoutMs?: number;
}

/** Default of `ListenOptions.closeTimeoutMs`. */
export const CLOSE_TIMEOUT_MS = 10_000;

/** Lambda freezes clients between invocations and Go keeps idle connections 90 s: closing earlier loses payloads. */
export const IDLE_TIMEOUT_MS = 95_000;
