import { join } from 'node:path';
import type { FunctionConfig } from './function-options.ts';

/** What one sandbox knows about itself. */
export interface SandboxIdentity {
  /** `host:port` of the Runtime and Extensions APIs. */
  readonly runtimeApi: string;
  readonly logStreamName: string;
}

/** What both runtime and extensions get. Extensions see neither handler nor task root, as on Lambda. */
export function extensionEnvironment(
  config: FunctionConfig,
  sandbox: SandboxIdentity,
): Record<string, string> {
  return {
    AWS_LAMBDA_RUNTIME_API: sandbox.runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: config.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memorySizeMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: config.initializationType,
    AWS_LAMBDA_LOG_FORMAT: config.logFormat,
    AWS_REGION: config.region,
    AWS_DEFAULT_REGION: config.region,
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: config.xrayDaemonAddress,
    // SDKs refuse to send without credentials, and a test's own endpoints accept any.
    AWS_ACCESS_KEY_ID: 'AKIALOCALLAMBDA00000',
    AWS_SECRET_ACCESS_KEY: 'local-lambda-secret',
    AWS_SESSION_TOKEN: 'local-lambda-session',
    PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
    TZ: ':UTC',
    LANG: 'en_US.UTF-8',
  };
}

/**
 * The environment of the runtime. The user's variables win, except over the names that Lambda reserves.
 * The trace id is no part of it: the runtime sets `_X_AMZN_TRACE_ID` from the header of each invocation.
 */
export function runtimeEnvironment(
  config: FunctionConfig,
  sandbox: SandboxIdentity,
): Record<string, string> {
  const [daemonHost = '127.0.0.1', daemonPort = '2000'] = config.xrayDaemonAddress.split(':');
  const environment: Record<string, string> = {
    ...extensionEnvironment(config, sandbox),
    LAMBDA_TASK_ROOT: config.taskRoot,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    NODE_PATH: join(config.taskRoot, 'node_modules'),
    ...config.environment,
    _HANDLER: config.handler,
    AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtimeName}`,
    AWS_LAMBDA_RUNTIME_API: sandbox.runtimeApi,
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: config.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memorySizeMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: config.initializationType,
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: sandbox.logStreamName,
    AWS_REGION: config.region,
    _AWS_XRAY_DAEMON_ADDRESS: daemonHost,
    _AWS_XRAY_DAEMON_PORT: daemonPort,
  };
  if (config.applicationLogLevel !== undefined) {
    environment['AWS_LAMBDA_LOG_LEVEL'] = config.applicationLogLevel;
  }
  return environment;
}
