import { readSettings } from '../config.ts';
import { parseFunctionArn } from '../event/function-arn.ts';
import { guard } from '../log.ts';
import { sendEnhanced } from '../metrics/enhanced.ts';
import { deliverSpans, settle, traceConnection } from '../send/deliver.ts';
import { Trace } from '../span/trace.ts';

const settleMs = 1000;

/**
 * Reports a handler that could not be loaded: a span with the error, and one more in the count of errors. No invocation will do so,
 * because there will be none.
 */
export async function emitTelemetryOnErrorOutsideHandler(
  error: unknown,
  functionName: string,
  startTime: number,
): Promise<void> {
  await guard('report a failed load', async () => {
    const settings = readSettings();
    const region = process.env['AWS_REGION'] ?? '';
    const name = process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? '';
    const version = process.env['AWS_LAMBDA_FUNCTION_VERSION'] ?? '$LATEST';
    if (settings.traceEnabled) {
      const defaults = { ...settings, service: 'aws.lambda' };
      const trace = new Trace(defaults, undefined, deliverSpans);
      const span = trace.start('aws.lambda', undefined, {
        service: 'aws.lambda',
        resource: functionName,
        type: 'serverless',
        startMs: startTime,
        tags: { 'error.status': 500, service: settings.service ?? 'aws.lambda' },
      });
      span.setError(error);
      span.finish();
      traceConnection()?.prepare();
      trace.close();
    }
    const source = {
      settings,
      fn: parseFunctionArn(`arn:aws:lambda:${region}::function:${name}`),
      functionName: name,
      functionVersion: version,
      memorySize: process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? '',
      coldStart: true,
      proactive: false,
    };
    sendEnhanced(source, 'errors', 1, ['init_error:true']);
    await settle(settleMs / 0.05);
  });
}
