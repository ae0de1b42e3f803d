import tracer from 'dd-trace-5';
import { tellStory } from './story.mjs';

tellStory(tracer.init());
