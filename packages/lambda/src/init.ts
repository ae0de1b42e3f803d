// For `node --require @spanloom/lambda/init`: points the runtime at our handler, and us at the function's.
import { datadogHandlerEnvVar } from './environment.ts';

process.env[datadogHandlerEnvVar] ??= process.env['_HANDLER'];
process.env['_HANDLER'] = `${__dirname}/handler.handler`;
