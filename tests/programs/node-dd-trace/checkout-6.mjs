import tracer from 'dd-trace';
import { tellStory } from './story.mjs';

tellStory(tracer.init());
