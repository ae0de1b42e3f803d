// Bundles the library into `dist`: `node build.ts`, after `tsc -b` has made the types.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { bundleFiles, bundleLambda } from './src/packaging/bundle.ts';

const dist = join(import.meta.dirname, 'dist');
await bundleLambda(dist);
for (const name of bundleFiles) console.log(`${name}: ${statSync(join(dist, name)).size} bytes`);
