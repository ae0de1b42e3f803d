import { taskRequire, taskRoot } from '../builtin.ts';
import { readSettings, type Config } from '../config.ts';
import { datadogHandlerEnvVar, pairsSetting, setting } from '../environment.ts';
import type { TraceExtractor } from '../context/custom.ts';
import { failed, guard } from '../log.ts';
import { datadog } from '../wrap.ts';
import { emitTelemetryOnErrorOutsideHandler } from './load-failure.ts';
import { loadHandler } from './load-handler.ts';
import { watchModules } from './watch-modules.ts';

/**
 * Loads and wraps the handler that `DD_LAMBDA_HANDLER` names, for functions whose own handler setting points here: no line of
 * theirs changes.
 */
export async function redirectedHandler(): Promise<(...args: never[]) => unknown> {
  const settings = readSettings();
  const startMs = Date.now();
  // Before anything of the function is loaded, so that its modules are seen.
  guard('watch modules', () => watchModules(settings));
  if (settings.traceEnabled && /^(?:auto|dd-trace)$/.test(settings.tracer)) {
    guard('start dd-trace', startDdTrace);
  }
  const root = taskRoot();
  const name = process.env['SPANLOOM_LAMBDA_HANDLER'] ?? process.env[datadogHandlerEnvVar] ?? '';
  const extractor = setting('TRACE_EXTRACTOR');
  const options: Partial<Config> = {};
  if (extractor !== undefined && extractor !== '') {
    try {
      options.traceExtractor = (await loadHandler(root, extractor)) as TraceExtractor;
    } catch (error) {
      failed(`load the trace extractor ${extractor}`, error);
    }
  }
  try {
    return datadog(await loadHandler(root, name), options);
  } catch (error) {
    await emitTelemetryOnErrorOutsideHandler(error, name, startMs);
    throw error;
  }
}

/** Starts the function's own `dd-trace`, if it ships one and does not want ours. */
function startDdTrace(): void {
  process.env['DD_TRACE_DISABLED_PLUGINS'] ??= 'fs';
  process.env['DD_TRACE_STARTUP_LOGS'] ??= 'false';
  let tracer: { init(options: object): unknown };
  try {
    tracer = taskRequire('dd-trace') as typeof tracer;
  } catch {
    return;
  }
  tracer.init({ tags: { ...Object.fromEntries(pairsSetting('TAGS')), '_dd.origin': 'lambda' } });
}
