/** A request through API Gateway to a function. */
export { apiToLambda, type ApiOptions } from './api-gateway.ts';
/** Invocations of functions, synchronous and asynchronous, in both layouts and with every outcome. */
export { lambdaAsync, lambdaInvocation, type LambdaOptions, type LambdaScene } from './lambda.ts';
/** What scenes take and make. */
export type { Scene, SceneDocument, SceneOptions, TraceContext } from './scene-clock.ts';
