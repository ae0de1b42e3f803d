// Sees every CommonJS module that the process loads: how long it took, and whether it is one that we have to tell our ids.
import Module from 'node:module';
import type { Settings } from '../config.ts';
import { guard } from '../log.ts';
import { firstPatch } from '../shared.ts';
import { hookModule } from './hook-module.ts';

/** One `require` that took its time, with those that it caused. */
export interface LoadedModule {
  readonly request: string;
  readonly filename: string;
  readonly startMs: number;
  endMs: number;
  readonly children: LoadedModule[];
}

type Load = (request: string, parent: unknown, isMain: boolean) => unknown;
interface ModuleInternals {
  _load: Load;
  readonly _cache: Readonly<Record<string, { exports: unknown } | undefined>>;
  _resolveFilename(request: string, parent: unknown): string;
}

/** Nobody reads more than this, and a function may load modules for as long as it lives. */
const nodeLimit = 500;

let roots: LoadedModule[] = [];
let nodes = 0;
let current: LoadedModule | undefined;

/** Starts watching, once per process. */
export function watchModules(settings: Settings): void {
  if (!firstPatch('modules')) return;
  const internals = Module as unknown as ModuleInternals;
  // A function that wraps its handler in code has mostly loaded by now what it imports.
  for (const [filename, cached] of Object.entries(internals['_cache'])) {
    guard('hook a module', () => hookModule(filename, cached?.exports));
  }
  const original = internals['_load'];
  const timing = settings.traceEnabled && settings.coldStartTracing;
  const minimum = settings.minColdStartTraceDuration;
  internals['_load'] = function (this: unknown, request, parent, isMain) {
    const exports = timing
      ? timed(minimum, request, parent, () => original.call(this, request, parent, isMain))
      : original.call(this, request, parent, isMain);
    return guard('hook a module', () => replace(request, parent, exports)) ?? exports;
  };
}

function replace(request: string, parent: unknown, exports: unknown): unknown {
  const replaced = hookModule(request, exports);
  if (replaced === undefined) return undefined;
  // An `import` takes what the cache holds, not what `require` returned.
  const cached = (Module as unknown as ModuleInternals)['_cache'][filenameOf(request, parent)];
  if (cached !== undefined) cached.exports = replaced;
  return replaced;
}

function timed(minimumMs: number, request: string, parent: unknown, load: () => unknown): unknown {
  const above = current;
  const startMs = performance.timeOrigin + performance.now();
  const node = { request, filename: request, startMs, endMs: startMs, children: [] };
  current = node;
  try {
    return load();
  } finally {
    current = above;
    node.endMs = performance.timeOrigin + performance.now();
    // Most modules are cached or small; they would only crowd the trace.
    if (node.endMs - startMs >= minimumMs && nodes < nodeLimit) {
      nodes++;
      (above?.children ?? roots).push({ ...node, filename: filenameOf(request, parent) });
    }
  }
}

function filenameOf(request: string, parent: unknown): string {
  try {
    return (Module as unknown as ModuleInternals)['_resolveFilename'](request, parent);
  } catch {
    return request;
  }
}

/** What was loaded since this was last asked. */
export function takeLoadedModules(): LoadedModule[] {
  if (roots.length === 0) return roots;
  const taken = roots;
  roots = [];
  nodes = 0;
  return taken;
}
