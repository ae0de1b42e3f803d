// `npm start`: installs what is missing, builds the pages when their sources changed, and runs the server until it is stopped.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureInstalled, pinnedNode, root } from './install.mjs';

ensureInstalled();

const build = spawnSync(pinnedNode, [join(root, 'scripts', 'build-web.ts'), '--if-changed'], {
  cwd: root,
  stdio: 'inherit',
});
if (build.status !== 0) {
  console.error('Cannot build the pages; see the message above');
  process.exit(1);
}

const server = spawn(
  pinnedNode,
  [
    '--conditions=@spanloom/source',
    join(root, 'apps', 'server', 'src', 'main.ts'),
    ...process.argv.slice(2),
  ],
  {
    // Relative paths in arguments and settings mean what they mean to the person who typed them.
    cwd: process.env.INIT_CWD ?? process.cwd(),
    stdio: 'inherit',
    // The engine runs statements on this pool; Node reads the size once, at its own start.
    env: { UV_THREADPOOL_SIZE: '16', ...process.env },
  },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.kill(signal));
server.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 128)));
