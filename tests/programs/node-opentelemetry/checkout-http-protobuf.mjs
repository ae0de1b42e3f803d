import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { tellStory } from './story.mjs';

await tellStory(new OTLPTraceExporter());
