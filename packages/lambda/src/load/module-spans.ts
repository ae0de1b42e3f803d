import type { Invocation } from '../invocation.ts';
import type { LiveSpan } from '../tracing.ts';
import { takeLoadedModules, type LoadedModule } from './watch-modules.ts';

const spanLimit = 200;

/** Makes spans of what was loaded: in a cold start below one span for all of it, later where it happened. */
export function startModuleSpans(invocation: Invocation): void {
  const { tracing, settings, start, span, services } = invocation;
  const modules = takeLoadedModules();
  const [first] = modules;
  if (first === undefined || tracing === undefined || span === undefined) return;
  if (/^(?:provisioned-concurrency|lambda-managed-instances)$/.test(start.initType ?? '')) return;
  let parent: LiveSpan = span;
  if (start.cold || start.proactive) {
    parent = services?.innermost ?? span;
    const load = tracing.start('aws.lambda.load', parent, {
      service: 'aws.lambda',
      resource: invocation.functionName,
      startMs: first.startMs,
      tags: { operation_name: 'aws.lambda.require', resource_names: invocation.functionName },
    });
    const ended = Math.max(...modules.map((module) => module.endMs));
    load.finish(ended);
    parent = load;
  }
  // The slowest are kept; a module's parents are slower than itself, so no span loses its parent.
  const all = flatten(modules).toSorted((a, b) => duration(b) - duration(a));
  const kept = new Set(all.slice(0, spanLimit));
  for (const module of modules) startModuleSpan(module, parent);

  function startModuleSpan(module: LoadedModule, above: LiveSpan): void {
    if (!kept.has(module) || settings.skipModules.has(module.request)) return;
    const one = tracing!.start(spanName(module.filename), above, {
      service: 'aws.lambda',
      resource: module.request,
      startMs: module.startMs,
      tags: { filename: module.filename, resource_names: module.request },
    });
    one.finish(module.endMs);
    for (const child of module.children) startModuleSpan(child, one);
  }
}

function flatten(modules: readonly LoadedModule[]): LoadedModule[] {
  return modules.flatMap((module) => [module, ...flatten(module.children)]);
}

function duration(module: LoadedModule): number {
  return module.endMs - module.startMs;
}

function spanName(filename: string): string {
  if (filename.startsWith('/opt/')) return 'aws.lambda.require_layer';
  if (filename.startsWith('/var/runtime/')) return 'aws.lambda.require_runtime';
  return filename.includes('/') ? 'aws.lambda.require' : 'aws.lambda.require_core_module';
}
