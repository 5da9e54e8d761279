import react from '@vitejs/plugin-react';
import type { UserConfig } from 'vite';

const config: UserConfig = {
  plugins: [react()],
  build: {
    // The server's content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    target: 'es2023',
    // ECharts is one chunk that only the pages with charts load.
    chunkSizeWarningLimit: 800,
  },
};

// Vite reads its config from a default export.
export default config;
