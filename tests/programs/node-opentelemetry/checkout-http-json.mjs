import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { tellStory } from './story.mjs';

await tellStory(new OTLPTraceExporter());
