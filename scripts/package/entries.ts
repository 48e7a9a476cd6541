/** What Node is told to run: the server, the commands, and what they start beside themselves. */
export const ENTRIES = [
  'main.ts',
  'cli/cache.ts',
  'cli/token.ts',
  'cli/explain.ts',
  'cli/doctor.ts',
  'cli/anime-ids.ts',
  'torrent/engine/engine.ts',
  'sources/names/name-worker.ts',
  'sources/providers/catalogue/catalogue-worker.ts',
  'common/watchdog/watchdog-thread.ts',
  'media/worker/film-worker.ts',
  'media/ffmpeg/fork-server-process.ts',
]

/** Packages that are loaded by their name, by a `require` of ours, and where each is bundled for itself. */
export const REQUIRED: Readonly<Record<string, string>> = {
  'pino-pretty': 'vendor/pino-pretty.cjs',
}

/** Files of packages that are found by their name and sent as they are, and where they lie in the package. */
export const SERVED: Readonly<Record<string, string>> = {
  'hls.js/dist/hls.min.mjs': 'vendor/hls.js/hls.min.mjs',
  'uplot/dist/uPlot.iife.min.js': 'vendor/uplot/uPlot.iife.min.js',
  'uplot/dist/uPlot.min.css': 'vendor/uplot/uPlot.min.css',
}

/** Packages that are loaded as they are, from here in the package: they find their binaries by their place. */
export const VENDORED: Readonly<Record<string, string>> = {
  'better-sqlite3': 'vendor/better-sqlite3/lib/index.js',
}
