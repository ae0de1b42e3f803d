import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ConfigError } from '@spanloom/base';

/** How much of the machine the embedded engine may use. */
export interface EngineOptions {
  /** Where its data lives. Made when missing; one process at a time. */
  readonly directory: string;
  /** Ceiling of all its allocations. Without one it takes 90 % of the machine. */
  readonly memoryBytes?: number;
  /** Threads that merge parts. */
  readonly backgroundThreads?: number;
  readonly markCacheBytes?: number;
  /** Each of the text index's three caches. */
  readonly textCacheBytes?: number;
  /** Questions that run at the same time. Each holds a thread of libuv's pool, so `UV_THREADPOOL_SIZE` must be larger by 7. */
  readonly readers?: number;
  /** Questions that wait for a reader before more are refused. */
  readonly waitingQueries?: number;
  readonly querySeconds?: number;
  readonly queryMemoryBytes?: number;
  /** Threads of one question. */
  readonly queryThreads?: number;
}

/**
 * Chosen for a machine of two cores and a few GiB. The memory ceiling and the cache sizes are starting points rather than
 * measured optima; one thread per question keeps inserts quick while several people look.
 */
export const ENGINE_DEFAULTS: Required<Omit<EngineOptions, 'directory'>> = {
  memoryBytes: 1_500_000_000,
  backgroundThreads: 2,
  markCacheBytes: 256 * 2 ** 20,
  textCacheBytes: 128 * 2 ** 20,
  readers: 4,
  waitingQueries: 64,
  querySeconds: 20,
  queryMemoryBytes: 512_000_000,
  queryThreads: 1,
};

/** Directories of an embedded engine. */
export interface EnginePaths {
  readonly data: string;
  /** Where blocks wait to be inserted. */
  readonly staging: string;
}

/**
 * Makes the directories.
 * @throws {ConfigError} If the path has characters the engine reads as a pattern when it is told to load a file.
 */
export function prepareDirectory(directory: string): EnginePaths {
  const root = resolve(directory);
  if (/[*?{}[\]']/.test(root)) {
    throw new ConfigError(
      `Cannot keep data in ${root}: the engine reads * ? { } [ ] and ' in a path as a pattern; choose a directory without them`,
    );
  }
  const paths = { data: join(root, 'engine'), staging: join(root, 'staging') };
  for (const path of [paths.data, paths.staging]) {
    if (!existsSync(path)) mkdirSync(path, { recursive: true });
  }
  return paths;
}

/** Writes the engine's own configuration and gives its command-line arguments. */
export function engineArguments(
  options: Required<EngineOptions>,
  paths: EnginePaths,
): readonly string[] {
  const file = join(paths.staging, 'engine.xml');
  // The index caches are the engine's own defaults of 5 GB, far beyond the ceiling above.
  writeFileSync(
    file,
    `<clickhouse>
  <mark_cache_size>${options.markCacheBytes}</mark_cache_size>
  <index_mark_cache_size>${options.markCacheBytes}</index_mark_cache_size>
  <primary_index_cache_size>${options.markCacheBytes}</primary_index_cache_size>
  <text_index_tokens_cache_size>${options.textCacheBytes}</text_index_tokens_cache_size>
  <text_index_header_cache_size>${options.textCacheBytes}</text_index_header_cache_size>
  <text_index_postings_cache_size>${options.textCacheBytes}</text_index_postings_cache_size>
</clickhouse>
`,
  );
  return [
    `--max_server_memory_usage=${options.memoryBytes}`,
    `--background_pool_size=${options.backgroundThreads}`,
    `--config-file=${file}`,
  ];
}
