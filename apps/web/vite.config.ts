import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

// Packages are read from their sources, as everywhere else in the repository.
const conditions = ['@spanloom/source', 'module', 'browser', 'development|production'];

export default defineConfig({
  plugins: [react()],
  resolve: { conditions },
  build: {
    target: 'es2023',
    sourcemap: true,
    // The server's content security policy allows nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
  server: {
    port: 5173,
    proxy: { '/api': process.env['SPANLOOM_URL'] ?? 'http://127.0.0.1:7070' },
  },
});
