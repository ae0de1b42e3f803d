/** A request through API Gateway to a function. */
export { apiToLambda, type ApiOptions } from './api-gateway.ts';
/** A query to a GraphQL API. */
export { appSync } from './app-sync.ts';
/** What a Datadog Lambda library leaves in X-Ray. */
export { datadogMetadata, type DatadogMetadataOptions } from './datadog-metadata.ts';
/** A request to a service on a host or in a container, with SQL. */
export { hostService } from './hosts.ts';
/** Synchronous invocations of functions, in both layouts and with every outcome. */
export { lambdaInvocation, type LambdaOptions, type LambdaScene } from './lambda.ts';
/** Asynchronous invocations, with their attempts. */
export { lambdaAsync } from './lambda-async.ts';
/** As many traces as a load test wants. */
export { many, type LoadOptions, type LoadTrace } from './many.ts';
/** Messages to queues and topics, and functions that are invoked with them. */
export { consumeFromQueue, publishToTopic, sendToQueue, type PublishScene } from './messages.ts';
/** What scenes take and make. */
export type { Scene, SceneDocument, SceneOptions, TraceContext } from './scene-clock.ts';
/** An execution of a state machine. */
export { stateMachine, type StateOptions } from './step-functions.ts';
