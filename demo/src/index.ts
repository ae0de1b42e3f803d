/** Runs the demo shop until it is told to stop. */
export { startDemo } from './run-demo.ts';
/** What the shop needs from whoever runs it. */
export type { DemoOptions } from './run-demo.ts';
/** Where the shop's own X-Ray is, for whoever reads it. */
export { type DemoXRay, shopCloud, xrayAt } from './serverless/cloud.ts';
/** Ports to give the shop. */
export { freePorts } from './free-ports.ts';
