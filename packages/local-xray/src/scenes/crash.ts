import type { Stage } from './scene-clock.ts';

/** The `cause` of a function that threw. Node's own frames have no line. */
export function crash(stage: Stage, id: string): Record<string, unknown> {
  return {
    working_directory: '/var/task',
    exceptions: [
      {
        id: stage.id(`${id} exception`),
        type: 'StockError',
        message: 'nothing left of item 17',
        stack: [
          { path: 'index.mjs', line: 12, label: 'reserve' },
          {
            path: 'node:internal/process/task_queues',
            line: null,
            label: 'processTicksAndRejections',
          },
        ],
      },
    ],
  };
}
