/** Runs the demo shop until it is told to stop. */
export { startDemo } from './run-demo.ts';
/** What the shop needs from whoever runs it. */
export type { DemoOptions } from './run-demo.ts';
