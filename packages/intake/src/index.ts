/** The receiving side, and what it is given. */
export { Intake, type OwnRoutes } from './intake.ts';
export type { IntakeOptions } from './intake-options.ts';
export type { AgentInfoOptions } from './agent-info.ts';
/** Where decoded payloads go: the writer of the store, or anything that keeps the same promise. */
export type { RecordSink } from './record-sink.ts';
/** Listening sockets, one function per port. Disposing a listener ends running requests first. */
export {
  type ListenAddress,
  startAgentListener,
  startOtlpGrpcListener,
  startOtlpHttpListener,
  startSharedListener,
} from './listeners.ts';
export { startXRayListener } from './xray-listener.ts';
export type { Listener } from './listener.ts';
export type { RequestHandler } from './http-listener.ts';
