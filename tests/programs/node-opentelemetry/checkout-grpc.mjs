import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-grpc';
import { tellStory } from './story.mjs';

await tellStory(new OTLPTraceExporter());
